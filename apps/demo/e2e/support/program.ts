import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** A program of the demo in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #ready: RegExp;
  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL');
  };
  #child: ChildProcess | null = null;
  #output = '';

  /** `ready` is what it prints once it can be used. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, ready: RegExp) {
    this.#args = args;
    this.#env = env;
    this.#ready = ready;
    process.once('exit', this.#killAtExit);
  }

  /** What it has printed, for the message of a test that fails. */
  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const { NODE_ENV: _, VITEST: __, ...inherited } = process.env;
    const child = spawn(process.execPath, this.#args, {
      cwd: folder,
      // Without the test's own NODE_ENV, which Next would take for the app's.
      env: { ...inherited, ...this.#env } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        this.#output += String(data);
        if (this.#ready.test(this.#output)) resolve();
      });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${this.#args.join(' ')} ended with ${code}:\n${this.#output}`)),
    );
    await promise;
  }

  /** As a crash would end it. */
  kill(): Promise<number | null> {
    return this.#end('SIGKILL');
  }

  /** In good order. Gives the code with which it ended; null where a signal ended it. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** It does nothing any more, and keeps all it has, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    process.off('exit', this.#killAtExit);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}

/** A port for a program that has to be told one, because another one must know it as well. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
