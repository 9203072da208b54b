import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { environment } from './environment.ts';
import { type Group, startGroup } from './group.ts';
import { type Dependencies, installed, withPacked } from './install.ts';
import { linkTree } from './link-tree.ts';
import { within } from './within.ts';

/** Contents by path in the application's folder. */
export type Files = Readonly<Record<string, string>>;

interface RunOptions {
  /** Environment variables besides those that a shell has. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take. @default 180_000 for `run`, 60_000 for `serve` to listen */
  readonly timeoutMs?: number;
}

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

export interface Application {
  readonly folder: string;
  /** Writes files, or other contents into them. */
  write(files: Files): void;
  /** Runs a shell command to its end, whatever its exit code. Throws when that takes too long. */
  run(command: string, options?: RunOptions): Promise<Finished>;
  /** The same, and throws with the output unless the exit code is 0. Resolves to the output. */
  succeed(command: string, options?: RunOptions): Promise<string>;
  /**
   * Starts a shell command that listens on the port in `$PORT`, and resolves when it does. Throws
   * with its output when it ends before. Stopped with the test file at the latest.
   */
  serve(command: string, options?: RunOptions): Promise<Served>;
}

/**
 * A fresh folder with an application in it: the files, and `node_modules` with the packed packages
 * and the dependencies, as npm installs them. A `package.json` among the files is completed with
 * the dependencies; without one the application is an ES module.
 */
export async function application(files: Files, dependencies: Dependencies): Promise<Application> {
  const all = withPacked(dependencies);
  const base = await installed(all);
  const { folder: shared, registry } = inject('shared');
  const parent = join(shared, 'applications');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'app-'));
  linkTree(join(base, 'node_modules'), join(folder, 'node_modules'));
  copyFileSync(join(base, 'package-lock.json'), join(folder, 'package-lock.json'));

  const write = (some: Files) => {
    for (const [path, content] of Object.entries(some)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  const start = (command: string, env: RunOptions['env'] = {}) =>
    startGroup(command, folder, environment(registry, folder, env));

  const { 'package.json': manifest = '{ "type": "module" }', ...rest } = files;
  const completed = { private: true, ...JSON.parse(manifest), dependencies: all };
  write({ ...rest, 'package.json': JSON.stringify(completed, null, 2) });

  const run: Application['run'] = async (command, { env, timeoutMs = 180_000 } = {}) => {
    console.log(`… ${command}`);
    const begun = performance.now();
    const group = start(command, env);
    const code = await within(timeoutMs, group.ended);
    await group.kill();
    const output = group.output();
    if (code === undefined)
      throw new Error(`unable to run \`${command}\`: no end after ${timeoutMs} ms\n${output}`);
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✓' : `✗ (${code})`} ${command} in ${took} s`);
    return { code, output };
  };

  return {
    folder,
    write,
    run,
    async succeed(command, options) {
      const { code, output } = await run(command, options);
      if (code === 0) return output;
      throw new Error(`unable to run \`${command}\`: exit code ${code}\n${output}`);
    },
    async serve(command, { env, timeoutMs = 60_000 } = {}) {
      const port = await freePort();
      console.log(`… ${command}`);
      const group = start(command, { ...env, PORT: String(port) });
      await listens(group, port, { command, timeoutMs });
      console.log(`✓ ${command} listens`);
      return { url: `http://localhost:${port}`, output: group.output, stop: stopper(group) };
    },
  };
}

async function freePort(): Promise<number> {
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
