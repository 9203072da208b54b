import { Redis } from 'ioredis';
import { RedisServer } from './redis-harness.ts';
import { asked, caughtUp, replication, until } from './redis-replicas.ts';

const slots = 16_384;
const moveMs = 5_000;

export interface RedisClusterOptions {
  readonly masters?: number;
  /** True when each master has a replica, which takes its place when it dies. */
  readonly replicas?: boolean;
}

/** A Redis cluster on the loopback. */
export class RedisCluster implements AsyncDisposable {
  /** Masters, and then their replicas in the same order. */
  readonly nodes: readonly RedisServer[];
  readonly #masters: number;

  private constructor(nodes: readonly RedisServer[], masters: number) {
    this.nodes = nodes;
    this.#masters = masters;
  }

  /** Where the nodes are, as ioredis takes it. */
  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return this.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** Resolves when every node knows that all slots are served. */
  static async start({
    masters = 3,
    replicas = false,
  }: RedisClusterOptions = {}): Promise<RedisCluster> {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const size = replicas ? 2 * masters : masters;
    const starts = await Promise.allSettled(
      Array.from({ length: size }, () => RedisServer.start({ args })),
    );
    const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const cluster = new RedisCluster(nodes, masters);
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

  /** The node that serves a key. */
  async ownerOf(key: string): Promise<RedisServer> {
    const slot = Number(await asked(this.#alive, ['CLUSTER', 'KEYSLOT', key]));
    const port = await portOf(this.#alive, slot);
    const owner = this.nodes.find((node) => node.port === port);
    if (!owner) throw new Error(`unable to find the node of ${key}: its slot is not served`);
    return owner;
  }

  /** Begins to move the slot of a key to another node: from now on it may be in part there. Gives the slot. */
  async beginMove(key: string, to: RedisServer): Promise<string> {
    const from = await this.ownerOf(key);
    const slot = String(await asked(from, ['CLUSTER', 'KEYSLOT', key]));
    const [source, target] = (await Promise.all(
      [from, to].map((node) => asked(node, ['CLUSTER', 'MYID'])),
    )) as [string, string];
    await asked(to, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', source]);
    await asked(from, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', target]);
    return slot;
  }

  /**
   * Moves the slot of a key, with all that is in it, to another node, as resharding does. Resolves when every
   * node knows of it.
   */
  async move(key: string, to: RedisServer): Promise<void> {
    const from = await this.ownerOf(key);
    const slot = await this.beginMove(key, to);
    const target = String(await asked(to, ['CLUSTER', 'MYID']));
    const [host, port] = ['127.0.0.1', String(to.port)];
    for (;;) {
      const keys = (await asked(from, ['CLUSTER', 'GETKEYSINSLOT', slot, '1'])) as string[];
      if (keys.length === 0) break;
      await asked(from, ['MIGRATE', host, port, '', '0', String(moveMs), 'KEYS', ...keys]);
    }
    for (const node of [to, from]) await asked(node, ['CLUSTER', 'SETSLOT', slot, 'NODE', target]);
    // A replica that does not know of it yet would take its master's place without that slot.
    for (const node of this.#running)
      await until(
        async () => (await portOf(node, Number(slot))) === to.port,
        'a node did not learn where a slot has gone',
      );
  }

  /** Resolves when the replica of a node has what the node has now. */
  async level(node: RedisServer): Promise<void> {
    await caughtUp(this.#heirOf(node), node);
  }

  /** Resolves when a replica has taken the place of the node that died. */
  async replaced(dead: RedisServer): Promise<void> {
    const heir = this.#heirOf(dead);
    await until(
      async () => (await replication(heir)).role === 'master',
      'no replica took the place of its master',
    );
    // News of it travel from node to node.
    for (const node of this.#running) {
      const isTold = async () =>
        (await this.#isServed(node)) &&
        (await ranges(node)).every(([, , [, port]]) => port !== dead.port);
      await until(isTold, 'a node did not learn who serves the slots of the dead one');
    }
  }

  get #running(): readonly RedisServer[] {
    return this.nodes.filter((node) => node.isRunning);
  }

  #heirOf(node: RedisServer): RedisServer {
    const heir = this.nodes[(this.nodes.indexOf(node) + this.#masters) % this.nodes.length];
    if (!heir || heir === node) throw new Error('unable to find a replica: the cluster has none');
    return heir;
  }

  get #alive(): RedisServer {
    const [alive] = this.#running;
    if (!alive) throw new Error('unable to ask the cluster: no node of it runs');
    return alive;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }

  async #join(): Promise<void> {
    const clients = this.nodes.map(({ port }) => new Redis(port, '127.0.0.1'));
    const [first] = this.nodes;
    try {
      const share = Math.ceil(slots / this.#masters);
      // Before any of them meets another: a node that knows others takes none.
      await Promise.all(
        clients.map((client, at) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1))),
      );
      await Promise.all(
        clients.map(async (client, at) => {
          const from = at * share;
          const to = Math.min(from + share, slots) - 1;
          if (at < this.#masters)
            await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
          if (at > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first?.port));
        }),
      );
      const settled = () =>
        Promise.all(
          this.nodes.map((node) => until(() => this.#isServed(node), 'it did not settle')),
        );
      await settled();
      await Promise.all(
        clients.slice(this.#masters).map(async (client, at) => {
          const master = await clients[at]?.call('CLUSTER', 'MYID');
          await client.call('CLUSTER', 'REPLICATE', String(master));
        }),
      );
      for (const node of this.nodes.slice(this.#masters))
        await until(
          async () => (await replication(node)).master_link_status === 'up',
          'a replica did not get its master’s data',
        );
      await settled();
    } finally {
      for (const client of clients) client.disconnect();
    }
  }

  async #isServed(node: RedisServer): Promise<boolean> {
    const info = String(await asked(node, ['CLUSTER', 'INFO']));
    return (
      info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${this.nodes.length}`)
    );
  }
}

type SlotRange = readonly [from: number, to: number, master: readonly [host: string, port: number]];

const ranges = async (node: RedisServer): Promise<readonly SlotRange[]> =>
  (await asked(node, ['CLUSTER', 'SLOTS'])) as SlotRange[];

/** The port of the node that serves a slot, as a node knows it. */
const portOf = async (node: RedisServer, slot: number): Promise<number | undefined> => {
  const [, , [, port] = []] =
    (await ranges(node)).find(([from, to]) => from <= slot && slot <= to) ?? [];
  return port;
};
