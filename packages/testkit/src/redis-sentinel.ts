import { RedisServer } from './redis-harness.ts';
import { asked, RedisReplicas, until } from './redis-replicas.ts';

const masterName = 'tested';
const downAfterMs = 1_000;
const failoverMs = 6_000;

/** A master, its replica, and a Sentinel that puts the one in the place of the other. */
export class RedisSentinel implements AsyncDisposable {
  readonly servers: RedisReplicas;
  readonly sentinel: RedisServer;

  private constructor(servers: RedisReplicas, sentinel: RedisServer) {
    this.servers = servers;
    this.sentinel = sentinel;
  }

  /** Resolves when the Sentinel knows both servers. */
  static async start(): Promise<RedisSentinel> {
    const servers = await RedisReplicas.start({ appendfsync: 'always' });
    let both: RedisSentinel | null = null;
    try {
      const sentinel = await RedisServer.start({
        sentinel: [
          `sentinel monitor ${masterName} 127.0.0.1 ${servers.master.port} 1`,
          `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
          `sentinel failover-timeout ${masterName} ${failoverMs}`,
        ],
      });
      both = new RedisSentinel(servers, sentinel);
      const known = both;
      await until(async () => (await known.#replicas()) === 1, 'the Sentinel found no replica');
      return both;
    } catch (error) {
      await (both ?? servers)[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where the master is told, as ioredis takes it. */
  get address(): { readonly name: string; readonly sentinels: { host: string; port: number }[] } {
    return { name: masterName, sentinels: [{ host: '127.0.0.1', port: this.sentinel.port }] };
  }

  /** The port of the master that the Sentinel tells. */
  async masterPort(): Promise<number> {
    const told = await asked(this.sentinel, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName]);
    return Number((told as readonly string[])[1]);
  }

  /** Resolves when the Sentinel has put the replica in the master's place. */
  async failedOver(): Promise<void> {
    const { port } = this.servers.replica;
    await until(async () => (await this.masterPort()) === port, 'the Sentinel promoted nobody');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sentinel[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
  }

  async #replicas(): Promise<number> {
    const told = (await asked(this.sentinel, ['SENTINEL', 'REPLICAS', masterName])) as string[][];
    return told.filter((replica) => replica.includes('slave') && replica.includes('ok')).length;
  }
}
