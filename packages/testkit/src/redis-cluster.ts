import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RedisServer } from './redis-harness.ts';

const slots = 16_384;
const readyWithinMs = 20_000;
const pollMs = 50;

/** A Redis cluster of masters on the loopback. */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /** Where the nodes are, as ioredis takes it. */
  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return this.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** Resolves when every node knows that all slots are served. */
  static async start(size = 3): Promise<RedisCluster> {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const starts = await Promise.allSettled(
      Array.from({ length: size }, () => RedisServer.start({ args })),
    );
    const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const cluster = new RedisCluster(nodes);
    try {
      // Only now, so that those that did start are stopped.
      for (const start of starts) if (start.status === 'rejected') throw start.reason;
      await cluster.#join();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }

  async #join(): Promise<void> {
    const clients = this.nodes.map(({ port }) => new Redis(port, '127.0.0.1'));
    const [first] = this.nodes;
    try {
      const share = Math.ceil(slots / clients.length);
      await Promise.all(
        clients.map(async (client, at) => {
          const from = at * share;
          const to = Math.min(from + share, slots) - 1;
          await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
          await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
          if (at > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first?.port));
        }),
      );
      await Promise.all(clients.map((client) => this.#settled(client)));
    } finally {
      for (const client of clients) client.disconnect();
    }
  }

  async #settled(client: Redis): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    for (;;) {
      const info = String(await client.call('CLUSTER', 'INFO'));
      if (
        info.includes('cluster_state:ok') &&
        info.includes(`cluster_known_nodes:${this.nodes.length}`)
      )
        return;
      if (performance.now() > deadline)
        throw new Error('unable to start the cluster: it did not settle');
      await delay(pollMs);
    }
  }
}
