import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Functions of a child process: one argument in, a promise out, both JSON. */
export type Methods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Serves calls of the parent, and ends the process when the parent is gone. */
export function serveParent(methods: Methods): void {
  const send = (answer: Answer) => process.send?.(answer);
  process.on('message', ({ id, method, argument }: Call) => {
    const run = methods[method] as ((argument: unknown) => Promise<unknown>) | undefined;
    Promise.resolve(run ? run(argument) : Promise.reject(new Error(`no method ${method}`))).then(
      (result) => send({ id, result }),
      (error: unknown) => send({ id, error: String(error instanceof Error ? error.stack : error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent says when to end.
  process.on('SIGINT', () => {});
  send({ id: 0 });
}

export interface Child {
  /** Rejects when the child's function does, when the child ends, and after `limitMs`. */
  call<Result>(method: string, argument?: unknown): Promise<Result>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** No step of the benchmark takes nearly as long. */
const limitMs = 90_000;

const running = new Set<ChildProcess>();

/** Ends every child at once. They end with this process in any case. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}
process.on('exit', killChildren);

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The file into which it writes a profile of its processor time when it is stopped. */
  readonly profile?: string | undefined;
}

/** Starts a module of this folder as a process; resolves when it serves calls. */
export async function startChild(
  file: string,
  args: readonly string[],
  { env = {}, profile }: ChildOptions = {},
): Promise<Child> {
  const name = [file, ...args].join(' ');
  const profiling = profile
    ? ['--cpu-prof', `--cpu-prof-dir=${dirname(profile)}`, `--cpu-prof-name=${basename(profile)}`]
    : [];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv: [...process.execArgv, '--expose-gc', ...profiling],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const ready = Promise.withResolvers<unknown>();
  waiting.set(0, ready);
  child.on('message', ({ id, result, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(`${name}: ${error}`));
  });
  const ended = (reason: string) => {
    running.delete(child);
    for (const call of waiting.values()) call.reject(new Error(`${name}: ${reason}`));
    waiting.clear();
  };
  child.on('error', (error) => ended(error.message));
  child.on('exit', (code, signal) => ended(`ended with ${signal ?? code}`));
  await ready.promise;
  return {
    call: <Result>(method: string, argument?: unknown) => {
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`${name}: ${method} took over ${limitMs / 1_000} s`));
      }, limitMs);
      child.send({ id, method, argument } satisfies Call);
      return promise.finally(() => clearTimeout(timer)) as Promise<Result>;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      // A profile is written by a process that ends by itself.
      if (profile) child.disconnect();
      else child.kill('SIGKILL');
      await exited;
    },
  };
}
