import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RedisServerOptions {
  /** Writes every change to disk, as often as Redis is told to. @default no persistence */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** Further arguments of redis-server. */
  readonly args?: readonly string[];
  /** Lines of its configuration as a Sentinel, which it is then. @default a server */
  readonly sentinel?: readonly string[];
  /** The program. @default `REDIS_SERVER`, else `redis-server` */
  readonly program?: string;
}

/**
 * A free port of the loopback. Nodes of a cluster also listen 10,000 above it: both stay below
 * 32,768, from where Linux takes the ports of outgoing connections.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(10_000 + Math.floor(Math.random() * 10_000), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A Redis of our own on the loopback, with its data in a temporary folder. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'holdfast-redis-'));
  readonly #options: RedisServerOptions;
  readonly #killAtExit = (): void => {
    this.#process?.kill('SIGKILL');
  };
  #process: ChildProcess | null = null;

  private constructor(port: number, options: RedisServerOptions) {
    this.port = port;
    this.#options = options;
    process.once('exit', this.#killAtExit);
  }

  /** Resolves when it accepts connections. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /** Starts it again after `stop` or `kill`, on the same port and with the data on disk. */
  async start(): Promise<void> {
    const command = this.#options.program ?? process.env.REDIS_SERVER ?? 'redis-server';
    const child = spawn(command, this.#arguments(), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const lines: string[] = [];
    const output = createInterface(child.stdout);
    output.on('line', (line) => {
      lines.push(line);
      if (/Ready to accept connections|Sentinel ID is/.test(line)) resolve();
    });
    child.once('error', (cause) =>
      reject(
        new Error(
          `unable to start ${command}: ${cause.message}; install it (apt-get install redis-server) or set REDIS_SERVER to its path`,
        ),
      ),
    );
    child.once('exit', () =>
      reject(new Error(`unable to start ${command}: ${lines.slice(-3).join(' | ')}`)),
    );
    await promise;
    output.removeAllListeners('line');
    child.stdout.resume();
  }

  #arguments(): readonly string[] {
    const { appendfsync, args = [], sentinel } = this.#options;
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    if (!sentinel) {
      const aof = appendfsync ? ['--appendonly', 'yes', '--appendfsync', appendfsync] : [];
      // A replica need not wait for others to begin with.
      const quick = ['--repl-diskless-sync-delay', '0'];
      return [...place, '--save', '', '--enable-debug-command', 'local', ...quick, ...aof, ...args];
    }
    // It writes what it learns into its configuration, and reads that when it starts again.
    const file = join(this.#folder, 'sentinel.conf');
    if (!existsSync(file)) writeFileSync(file, `${sentinel.join('\n')}\n`);
    return [file, ...place, '--sentinel', ...args];
  }

  /** Ends it in good order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it as a crash would (kill -9). */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops it in its tracks: connections stay open and nothing answers. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
    process.off('exit', this.#killAtExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  }
}
