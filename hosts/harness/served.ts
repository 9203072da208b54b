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
  const what = `nothing listens on port ${port}`;
  await becomes(() => accepts(port), group, { command, timeoutMs, what });
  console.log(`✓ ${command} listens`);
  return { url: `http://localhost:${port}`, output: group.output, stop: stopper(group) };
}

interface Printing {
  readonly start: () => Group;
  /** What it prints once it listens, with the address as its first group. */
  readonly prints: RegExp;
  readonly timeoutMs: number;
}

/** Starts a command that chooses its port itself, and resolves when it says which. Throws as `served` does. */
export async function servedWhereItSays(
  command: string,
  { start, prints, timeoutMs }: Printing,
): Promise<Served> {
  console.log(`… ${command}`);
  const group = start();
  const found = () => prints.exec(group.output())?.[1] ?? '';
  const isUp = async () => found() !== '';
  await becomes(isUp, group, { command, timeoutMs, what: `it never says ${prints}` });
  console.log(`✓ ${command} listens at ${found()}`);
  return { url: found(), output: group.output, stop: stopper(group) };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Waiting {
  readonly command: string;
  readonly timeoutMs: number;
  /** What is so for as long as it is not up. */
  readonly what: string;
}

async function becomes(
  isUp: () => Promise<boolean>,
  group: Group,
  { command, timeoutMs, what }: Waiting,
): Promise<void> {
  const code = group.ended;
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    if (await isUp()) return;
    const ended = await within(50, code);
    if (ended !== undefined)
      throw new Error(`unable to serve by \`${command}\`: exit code ${ended}\n${group.output()}`);
  }
  await group.kill();
  throw new Error(
    `unable to serve by \`${command}\`: ${what} after ${timeoutMs} ms\n${group.output()}`,
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
