import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RedisServer, type RedisServerOptions } from './redis-harness.ts';

const withinMs = 20_000;
const pollMs = 20;
/** Where nobody listens: what a replica that is cut off copies from. */
const nowhere = ['127.0.0.1', '1'] as const;

/** A master and its replica on the loopback, which change places when the master dies. */
export class RedisReplicas implements AsyncDisposable {
  #master: RedisServer;
  #replica: RedisServer;

  private constructor(master: RedisServer, replica: RedisServer) {
    this.#master = master;
    this.#replica = replica;
  }

  /** Resolves when the replica has what the master has. */
  static async start(options: RedisServerOptions = {}): Promise<RedisReplicas> {
    const master = await RedisServer.start(options);
    const replica = await RedisServer.start(options);
    const pair = new RedisReplicas(master, replica);
    try {
      await pair.attach();
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
    return pair;
  }

  get master(): RedisServer {
    return this.#master;
  }

  get replica(): RedisServer {
    return this.#replica;
  }

  /** The replica copies the master again; resolves when it is level. */
  async attach(): Promise<void> {
    await asked(this.#replica, ['REPLICAOF', '127.0.0.1', String(this.#master.port)]);
    await this.level();
  }

  /**
   * The replica gets nothing any more. A paused one would: what it has not read waits in its socket.
   */
  async detach(): Promise<void> {
    await asked(this.#replica, ['REPLICAOF', ...nowhere]);
  }

  /** Resolves when the replica has what the master has now. */
  async level(): Promise<void> {
    await caughtUp(this.#replica, this.#master);
  }

  /** The master dies and the replica takes its place, without what it did not get. */
  async failOver(): Promise<void> {
    await this.#master.kill();
    await asked(this.#replica, ['REPLICAOF', 'NO', 'ONE']);
    [this.#master, this.#replica] = [this.#replica, this.#master];
  }

  /** The one that died comes back, as the replica of the other. */
  async rejoin(): Promise<void> {
    await this.#replica.start();
    await this.attach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#master, this.#replica].map((each) => each[Symbol.asyncDispose]()));
  }
}

/** Asks a server one thing over a connection of its own. */
export async function asked(
  { port }: RedisServer,
  [command = '', ...args]: readonly string[],
): Promise<unknown> {
  // A server that is busy refuses what ioredis asks to find out whether it is ready.
  const client = new Redis(port, '127.0.0.1', { enableReadyCheck: false });
  client.on('error', () => {});
  try {
    return await client.call(command, args);
  } finally {
    client.disconnect();
  }
}

/** The place of a server in a replication, as it tells. */
export async function replication(server: RedisServer): Promise<Readonly<Record<string, string>>> {
  const text = String(await asked(server, ['INFO', 'replication']));
  return Object.fromEntries(text.split('\r\n').map((line) => line.split(':') as [string, string]));
}

/** Resolves when that holds; rejects with the reason when it never does. */
export async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`unable to go on: ${otherwise}`);
    await delay(pollMs);
  }
}

/** Resolves when the replica has what the master has now. */
export async function caughtUp(replica: RedisServer, master: RedisServer): Promise<void> {
  const { master_repl_offset: offset } = await replication(master);
  await until(async () => {
    const { master_link_status: link, slave_repl_offset: at } = await replication(replica);
    return link === 'up' && Number(at) >= Number(offset);
  }, 'the replica did not catch up');
}
