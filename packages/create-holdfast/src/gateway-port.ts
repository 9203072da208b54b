import { createServer } from 'node:net';

/** Next takes the first free port from 3000 to 3010, so these are none for a gateway. */
const lowest = 3_100;
const highest = 3_999;
const tries = 20;

export interface PortsOfMachine {
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Whether nobody listens there. */
  readonly isFree: (port: number) => Promise<boolean>;
}

/**
 * A port for the sockets of an app, from 3100 to 3999, where nobody listens now. At random, since apps that are made
 * one after the other may run at the same time. After 20 that are taken it is the last of these: the app then says
 * that it is taken.
 */
export async function gatewayPortOn({ random, isFree }: PortsOfMachine): Promise<number> {
  let port = lowest;
  for (let each = 0; each < tries; each += 1) {
    port = lowest + Math.floor(random() * (highest - lowest + 1));
    if (await isFree(port)) return port;
  }
  return port;
}

/** Asks by listening there for a moment, on every address, as the gateway does. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
