import { HoldfastError } from '@holdfast/protocol';
import type { Durability } from '../contract/durability.ts';
import { atLeast, demandOf, durabilityText } from '../durability.ts';
import { Committer } from './committer.ts';
import { DiskProofs } from './disk-proof.ts';
import { infoField } from './info.ts';
import type { Script } from './scripts.ts';
import type { Given, Node, Writer } from './writer.ts';

interface CommitsOptions {
  readonly writer: Writer;
  /** Makes another connection to where the writer's leads. */
  readonly connect: () => Writer;
  /** Of every write. */
  readonly durability: Durability;
}

/**
 * The point at which a write may be acknowledged. It has the form of `Writer.run`, and resolves when the write is as
 * durable as it has to be: where that is what its reply says anyway, the writer runs it, and nothing is added.
 */
export class Commits {
  readonly durability: Durability;
  readonly #writer: Writer;
  readonly #connect: () => Writer;
  readonly #proofs: DiskProofs;
  /** By what they wait for; each has a connection, so that who asks for more holds up nobody else. */
  readonly #committers = new Map<string, Committer>();
  #state: 'open' | 'closed' = 'open';

  constructor({ writer, connect, durability }: CommitsOptions) {
    demandOf(durability);
    this.durability = durability;
    this.#writer = writer;
    this.#connect = connect;
    this.#proofs = new DiskProofs(writer);
  }

  /** Runs a script that writes to a session. `asked` raises what all writes get, and never lowers it. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly Given[],
    asked?: Durability,
  ): Promise<unknown> {
    const durability = asked === undefined ? this.durability : atLeast(this.durability, asked);
    if (durability === 'redis') return this.#writer.run(script, keys, args);
    if (durability === 'fsync') return this.#toDisk(script, keys, args);
    return this.#committer(durability).run(script, keys, args);
  }

  /** Rejects with words where the server cannot give what all writes are promised. */
  async check(): Promise<void> {
    const { fsync, replicas } = demandOf(this.durability);
    if (fsync) await this.#proofs.current();
    if (replicas === 0) return;
    const { where } = this.#writer;
    await this.#writer.ask('wait for replicas', async (client) => {
      const nodes: readonly Node[] = client.nodes?.('master') ?? [client];
      for (const node of nodes) {
        const has = Number(infoField(await node.info('replication'), 'connected_slaves') ?? 0);
        if (has < replicas) throw tooFew(where, replicas, has);
        // A user that may not wait is better known now.
        await node.call('WAIT', ['0', '1']);
      }
    });
  }

  close(): void {
    this.#state = 'closed';
    for (const committer of this.#committers.values()) committer.close();
  }

  async #toDisk(script: Script, keys: readonly string[], args: readonly Given[]): Promise<unknown> {
    const { by, connection } = await this.#proofs.current();
    if (by === 'waitaof') return await this.#committer('fsync').run(script, keys, args);
    const reply = await this.#writer.run(script, keys, args);
    if (connection === this.#writer.connections) return reply;
    throw new HoldfastError(
      'unavailable',
      `unable to ${script.act} as durably as asked for: Redis at ${this.#writer.where}: another server may have taken it`,
    );
  }

  /** Of a closed log the writer, which refuses: nobody would close another connection. */
  #committer(durability: Durability): Pick<Committer, 'run'> {
    const name = durabilityText(durability);
    const known = this.#committers.get(name);
    if (known) return known;
    if (this.#state === 'closed') return this.#writer;
    const made = new Committer(this.#connect(), demandOf(durability));
    this.#committers.set(name, made);
    return made;
  }
}

const tooFew = (where: string, wanted: number, has: number): HoldfastError =>
  new HoldfastError(
    'unavailable',
    `unable to promise ${wanted} replicas: Redis at ${where} has ${has}; attach more, or ask for fewer`,
  );
