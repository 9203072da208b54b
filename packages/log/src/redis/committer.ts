import { HoldfastError } from '@holdfast/protocol';
import type { Demand } from '../durability.ts';
import { DiskProofs } from './disk-proof.ts';
import { commitKeyOf } from './keys.ts';
import type { Script } from './scripts.ts';
import { slotOf } from './slot.ts';
import { type Given, isMissingScript, type Writer } from './writer.ts';

/** How long a group waits for disk and replicas, in ms: shorter than a command, so that the answer comes. */
const waitMs = 1_500;
/** Writes that travel in one group. */
const groupSize = 256;
/** Life of the key that a group touches, in ms. */
const touchMs = 10_000;

interface Write {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly Given[];
  /** True once the server did not know the script. */
  readonly isNew: boolean;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: HoldfastError) => void;
}

type Results = readonly (readonly [error: Error | null, reply: unknown])[];

/**
 * A connection for writes that are answered when they are as durable as is demanded. A write goes at once; what comes
 * while its group waits for disk or replicas goes with the next one, and one WAIT is for all of a group. WAIT holds
 * up its connection, so whatever else the log does has another one.
 *
 * A group ends with a write of its own: WAIT is about the last write of its connection, and a repetition,
 * which writes nothing, would have no wait for what it repeats. All of a group goes out together, so that no
 * WAIT comes to be asked of another server than the one that wrote.
 */
export class Committer {
  readonly #writer: Writer;
  readonly #demand: Demand;
  readonly #proofs: DiskProofs;
  /** Writes behind a group that is on its way, by node. */
  readonly #waiting = new Map<string, Write[]>();

  constructor(writer: Writer, demand: Demand) {
    this.#writer = writer;
    this.#demand = demand;
    this.#proofs = new DiskProofs(writer);
  }

  /** Rejects with `unavailable` where it is not known to be so durable in time; it may be written then. */
  async run(script: Script, keys: readonly string[], args: readonly Given[]): Promise<unknown> {
    const nodes = await this.#writer.nodesOf(script.act, slotOf(keys[0] ?? ''));
    return await new Promise((resolve, reject) => {
      this.#push(nodes, { script, keys, args, isNew: false, resolve, reject });
    });
  }

  close(): void {
    this.#writer.close();
  }

  #push(nodes: string, write: Write): void {
    const waiting = this.#waiting.get(nodes);
    if (waiting) {
      waiting.push(write);
      return;
    }
    const begun = [write];
    this.#waiting.set(nodes, begun);
    void this.#drain(nodes, begun);
  }

  /** Never rejects. */
  async #drain(nodes: string, waiting: Write[]): Promise<void> {
    while (waiting.length > 0) {
      const again = await this.#commit(waiting.splice(0, groupSize));
      waiting.unshift(...again);
    }
    this.#waiting.delete(nodes);
  }

  /** Gives back those whose script the server did not know, to be sent with it. */
  async #commit(group: readonly Write[]): Promise<readonly Write[]> {
    try {
      const proof = this.#demand.fsync ? await this.#proofs.current() : null;
      const waits = this.#waits(proof?.by === 'waitaof');
      const results = await this.#writer.ask('commit', (client) =>
        client.pipeline([...group.map(commandOf), touch(group), ...waits]).exec(),
      );
      const isMoved = proof !== null && proof.connection !== this.#writer.connections;
      return this.#settle(group, results ?? [], isMoved);
    } catch (error) {
      for (const { script, reject } of group) reject(this.#writer.failed(script.act, error));
      return [];
    }
  }

  #waits(isByWaitAof: boolean): Given[][] {
    const { replicas } = this.#demand;
    return [
      ...(isByWaitAof ? [['call', 'WAITAOF', '1', '0', `${waitMs}`]] : []),
      ...(replicas > 0 ? [['call', 'WAIT', `${replicas}`, `${waitMs}`]] : []),
    ];
  }

  #settle(group: readonly Write[], results: Results, isMoved: boolean): readonly Write[] {
    const again: Write[] = [];
    const doubt = isMoved ? 'another server may have taken it' : this.#doubt(results, group.length);
    for (const [at, write] of group.entries()) {
      const { script, resolve, reject } = write;
      const [error, reply] = results[at] ?? [new Error('no reply'), undefined];
      if (error && isMissingScript(error) && !write.isNew) again.push({ ...write, isNew: true });
      else if (error) {
        if (/^(MOVED|ASK)\b/.test(error.message)) this.#writer.relocate();
        reject(this.#writer.failed(script.act, error));
      } else if (doubt === null) resolve(reply);
      else reject(this.#unknown(script.act, doubt));
    }
    return again;
  }

  /** Why the group may not be as durable as demanded; null where it is. */
  #doubt(results: Results, writes: number): string | null {
    const { replicas } = this.#demand;
    const [touched, ...waited] = results.slice(writes);
    for (const [error, reply] of [touched ?? [new Error('no reply'), undefined], ...waited]) {
      if (error) return error.message;
      if (Array.isArray(reply) && !(Number(reply[0]) >= 1))
        return `it was not on disk within ${waitMs} ms; look at the disk of the server, and at its appendfsync`;
      if (typeof reply === 'number' && reply < replicas)
        return `${reply} of ${replicas} replicas had it within ${waitMs} ms; look whether they run and are attached`;
    }
    return null;
  }

  #unknown(act: string, why: string): HoldfastError {
    return new HoldfastError(
      'unavailable',
      `unable to ${act} as durably as asked for: Redis at ${this.#writer.where}: ${why}`,
    );
  }
}

const commandOf = ({ script, keys, args, isNew }: Write): Given[] => [
  isNew ? 'eval' : 'evalsha',
  isNew ? script.source : script.sha,
  keys.length,
  ...keys,
  ...args,
];

const touch = ([first]: readonly Write[]): Given[] => [
  'set',
  commitKeyOf(first?.keys[0] ?? ''),
  '',
  'PX',
  touchMs,
];
