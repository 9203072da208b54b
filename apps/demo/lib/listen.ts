import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { commandLine, giveUp } from './command-line.ts';

const tries = 20;
const everywhere = '0.0.0.0';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Whether other devices reach it. */
  readonly isOpen: boolean;
}

/**
 * Listens where `--port` or PORT say, or on the first free port from the standard one on. The host is
 * `localhost` unless `--lan` or HOST ask for more, because the demo asks nobody who they are. Says it where
 * a port is taken, and ends the process where there is no other.
 */
export async function listen(server: Server, standard = 3000): Promise<Listening> {
  const host = commandLine.lan ? everywhere : process.env.HOST || 'localhost';
  const { port: wanted } = commandLine;
  const candidates =
    wanted === undefined ? Array.from({ length: tries }, (_, at) => standard + at) : [wanted];
  for (const candidate of candidates) {
    if (!(await tryPort(server, candidate, host))) continue;
    const { port } = server.address() as AddressInfo;
    if (wanted === undefined && port !== standard)
      console.log(`Port ${standard} is taken by another program, so this is on ${port}.`);
    return { host, port, isOpen: !isLoopback(host) };
  }
  return giveUp(
    wanted === undefined
      ? `unable to start; the ports ${standard} to ${standard + tries - 1} are all taken. Choose another one with --port.`
      : `unable to start; port ${wanted} is taken by another program. End that one, choose another port with --port, or leave it out and a free one is taken.`,
  );
}

const isLoopback = (host: string): boolean => /^(localhost|127\.|::1$)/.test(host);

/** Whether it listens there now; false where the port is taken. */
async function tryPort(server: Server, port: number, host: string): Promise<boolean> {
  if ((host === 'localhost' || host === everywhere) && (await isAnswered(port))) return false;
  return await new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', listening);
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES')
        giveUp(`unable to start; this user may not listen on port ${port}. Choose one above 1023.`);
      else reject(error);
    };
    const listening = () => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed).once('listening', listening).listen(port, host);
  });
}

/**
 * Whether a program answers under `localhost` already. Listening would not fail where it has the other
 * address of that name, and browsers would then come to either.
 */
async function isAnswered(port: number): Promise<boolean> {
  if (port === 0) return false;
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => isAnsweredAt(host, port)));
  return answers.includes(true);
}

const isAnsweredAt = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
