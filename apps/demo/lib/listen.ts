import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const tries = 20;

/**
 * Listens where PORT says, or from 3000 on where a port is free, and gives the port. HOST is
 * `localhost` unless set, because the demo asks nobody who they are.
 */
export async function listen(server: Server, standard = 3000): Promise<string> {
  const host = process.env.HOST || 'localhost';
  const wanted = process.env.PORT;
  const candidates = wanted
    ? [Number(wanted)]
    : Array.from({ length: tries }, (_, at) => standard + at);
  for (const port of candidates) {
    const taken = await tryPort(server, port, host);
    if (!taken) return `${host}:${(server.address() as AddressInfo).port}`;
    if (port === candidates.at(-1)) throw taken;
  }
  throw new Error('unable to listen; there is no port to try');
}

const tryPort = (server: Server, port: number, host: string): Promise<Error | null> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', listening);
      if (error.code === 'EADDRINUSE') resolve(error);
      else reject(error);
    };
    const listening = () => {
      server.off('error', failed);
      resolve(null);
    };
    server.once('error', failed).once('listening', listening).listen(port, host);
  });
