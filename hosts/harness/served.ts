import { type AddressInfo, connect, createServer } from 'node:net';
import type { Group } from './group.ts';
import { within } from './within.ts';

export interface Finished {
  readonly code: number;
  /** Both streams, in the order of their arrival. */
  readonly output: string;
}

export interface Served {
  /** `http://localhost:<port>`, without a slash at its end. */
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /**
   * Sends the signal (`SIGTERM`) to the whole group and waits until it has ended, 30 s at most;
   * then it is killed, with code 137. May be called again.
   */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

interface Serving {
  /** Starts the command, which has to listen on that port. */
  readonly start: (port: string) => Group;
  /** How long it may take to listen. */
  readonly timeoutMs: number;
}

/** Starts a command on a free port, and resolves when it listens. Throws with its output when it ends before. */
export async function served(command: string, { start, timeoutMs }: Serving): Promise<Served> {
  const port = await freePort();
  console.log(`… ${command}`);
  const group = start(String(port));
  await listens(group, port, { command, timeoutMs });
  console.log(`✓ ${command} listens`);
  return { url: `http://localhost:${port}`, output: group.output, stop: stopper(group) };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something accepts connections on the port. */
async function listens(
  group: Group,
  port: number,
  { command, timeoutMs }: { readonly command: string; readonly timeoutMs: number },
): Promise<void> {
  const code = group.ended;
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    if (await accepts(port)) return;
    const ended = await within(50, code);
    if (ended !== undefined)
      throw new Error(`unable to serve by \`${command}\`: exit code ${ended}\n${group.output()}`);
  }
  await group.kill();
  throw new Error(
    `unable to serve by \`${command}\`: nothing listens on port ${port} after ${timeoutMs} ms\n${group.output()}`,
  );
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    const answer = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => answer(true)).on('error', () => answer(false));
  });

function stopper(group: Group): Served['stop'] {
  return async (signal = 'SIGTERM') => {
    group.signal(signal);
    const code = await within(30_000, group.ended);
    if (code === undefined) await group.kill();
    return { code: code ?? 137, output: group.output() };
  };
}
