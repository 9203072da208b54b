import { RedisServer } from '@holdfast/testkit/redis-harness';
import { freePort, Program } from './program.ts';

/** The demo as it is deployed: a server and, where it runs no agents itself, workers, on a Redis of their own. */
export class Deployed implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly #onWorkers: boolean;
  readonly #programs: Program[] = [];

  private constructor(redis: RedisServer, onWorkers: boolean) {
    this.redis = redis;
    this.#onWorkers = onWorkers;
  }

  /** With its Redis, and without any program yet. */
  static async begin({ onWorkers = true } = {}): Promise<Deployed> {
    return new Deployed(await RedisServer.start(), onWorkers);
  }

  get server(): Program {
    const [server] = this.#programs;
    if (!server) throw new Error('the server was not started');
    return server;
  }

  /** Resolves with the server's origin. */
  async startServer(): Promise<string> {
    const port = String(await freePort());
    await this.#start('server.ts', { HOST: '127.0.0.1', PORT: port }, /demo on/);
    return `http://127.0.0.1:${port}`;
  }

  async startWorker(): Promise<Program> {
    return await this.#start('worker.ts', {}, /worker is ready/);
  }

  /** Kills all programs but the first, which is the server. */
  async killWorkers(): Promise<void> {
    for (const program of this.#programs.splice(1)) await program.kill();
  }

  async #start(file: string, own: Record<string, string>, ready: RegExp): Promise<Program> {
    const shared = {
      REDIS_URL: this.redis.url,
      WORKERS: this.#onWorkers ? '1' : '',
      OPENAI_API_KEY: '',
    };
    const program = new Program([file], { ...shared, SCRIPT_WORD_MS: '60', ...own }, ready);
    this.#programs.push(program);
    await program.start();
    return program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await program[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }
}
