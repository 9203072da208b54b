import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError } from '@holdfast/protocol';
import type { SignalOptions } from '../close-on-signals.ts';
import type { Holdfast } from '../holdfast.ts';
import { processWide } from '../process-wide.ts';
import { answerRequests } from './gateway-requests.ts';

/** Options of `serveGateway`. */
export interface ServeGatewayOptions {
  /** 0 takes a free one. @default what `HOLDFAST_PORT` in the environment says, or 3001 */
  readonly port?: number;
  /** The address to listen at. @default every one of the machine */
  readonly host?: string;
  /**
   * Path of the gateway's sockets.
   * @default '/holdfast'
   */
  readonly path?: string;
  /**
   * Path at which `GET` tells whether this process is ready, with 200 or 503; the same with `/live` behind it
   * tells 200 while the process answers at all. Anybody who reaches the port may ask.
   * @default none
   */
  readonly health?: string;
  /**
   * How signals close it: see `closeOnSignals`. False leaves signals to the application.
   * @default ends the process, but for one that Next runs: Next ends it when all is closed
   */
  readonly signals?: SignalOptions | false;
}

/** A gateway that listens on a port of its own. */
export interface ServedGateway {
  /** The port on which it listens. */
  readonly port: number;
  /**
   * Stops listening, and closes the server's own connections. Sockets stay until `holdfast.close()`, and are not waited
   * for.
   */
  close(): Promise<void>;
}

const defaultPort = 3001;
const highestPort = 65_535;

/** What the environment says. Throws `unavailable` for what is no port: pages would look at another one in vain. */
function portOf(said: string | undefined): number {
  if (!said) return defaultPort;
  const port = Number(said);
  if (Number.isInteger(port) && port >= 0 && port <= highestPort) return port;
  throw new HoldfastError(
    'unavailable',
    `unable to serve the gateway: HOLDFAST_PORT is ${said}, which is no port; give 0 to ${highestPort}, or leave it out`,
  );
}

/**
 * Serves the WebSocket gateway on a port of its own, and nothing else there: from `instrumentation.ts` of Next,
 * or in a process of its own. A process has one for each port; called again, it serves the latest `holdfast`.
 * Resolves when it listens, and rejects with `unavailable` where it cannot.
 */
export async function serveGateway(
  holdfast: Holdfast,
  {
    port = portOf(process.env.HOLDFAST_PORT),
    host,
    path,
    health,
    signals = {},
  }: ServeGatewayOptions = {},
): Promise<ServedGateway> {
  const { gateways, attachments } = processWide();
  const opening = gateways.get(port) ?? listen(port, host);
  if (port !== 0) gateways.set(port, opening);
  const server = await opening.catch((error: unknown) => {
    gateways.delete(port);
    throw error;
  });
  for (const attachment of attachments)
    if (attachment.server === server) {
      attachments.delete(attachment);
      attachment.detach();
    }
  server.removeAllListeners('request').on('request', answerRequests(holdfast, health));
  const detach = holdfast.attach(server, path === undefined ? {} : { path });
  if (signals) holdfast.closeOnSignals({ exit: !isRunByNext(), ...signals });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    close: async () => {
      gateways.delete(port);
      detach();
      server.closeAllConnections();
      // It ends with the last of its sockets, which stay: who waited for that would never close the holdfast.
      server.close();
    },
  };
}

async function listen(port: number, host: string | undefined): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'EADDRINUSE'
          ? `port ${port} is taken; end what listens there, or give another port`
          : `listening on port ${port} failed`;
      reject(new HoldfastError('unavailable', `unable to serve the gateway: ${reason}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  // biome-ignore lint/suspicious/noConsole: Next tells where its own port is, too
  console.info(`holdfast: sockets on port ${(server.address() as AddressInfo).port}`);
  return server;
}

/** Next names its process; a custom server is the application's own. */
const isRunByNext = (): boolean =>
  process.title.startsWith('next-server') && !process.env.NEXT_MANUAL_SIG_HANDLE;
