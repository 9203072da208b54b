import type { SessionLog } from '@holdfast/log';
import { messageOfStored } from './fold-message.ts';
import { GrowingPrompt } from './prompt.ts';
import { readStored } from './stored-item.ts';
import type { Written } from './written.ts';

/** Characters of stored messages that a process keeps for its agents. */
const keptLength = 33_554_432;
/** Messages of one read: neither the event loop nor the store is held for longer than that. */
const page = 200;

/** Those of a process that are kept, the one that was asked for last at the end. */
export class KeptPrefixes {
  readonly #kept = new Map<StoredPrefix, number>();
  readonly #most: number;
  #length = 0;

  /** `most`: characters that are kept. */
  constructor(most: number = keptLength) {
    this.#most = most;
  }

  /** Characters that are kept. */
  get length(): number {
    return this.#length;
  }

  /** Keeps one of so many characters, and as many of the others as there is room for. */
  keep(prefix: StoredPrefix, length: number): void {
    this.drop(prefix);
    this.#kept.set(prefix, length);
    this.#length += length;
    for (const oldest of this.#kept.keys()) {
      if (this.#length <= this.#most) break;
      oldest.clear();
    }
  }

  drop(prefix: StoredPrefix): void {
    this.#length -= this.#kept.get(prefix) ?? 0;
    this.#kept.delete(prefix);
  }
}

/**
 * The messages of a session that a view does not hold, from the first one on, kept from one prompt to the next:
 * what was stored long ago is the same, as long as the view goes on. Kept while there is room for it.
 */
export class StoredPrefix {
  readonly #log: Pick<SessionLog, 'items'>;
  readonly #session: string;
  readonly #kept: KeptPrefixes;
  #list = new GrowingPrompt();
  #length = 0;

  constructor(log: Pick<SessionLog, 'items'>, session: string, kept: KeptPrefixes) {
    this.#log = log;
    this.#session = session;
    this.#kept = kept;
  }

  clear(): void {
    this.#list = new GrowingPrompt();
    this.#length = 0;
    this.#kept.drop(this);
  }

  /** The messages from a place on may change from now on. */
  opened(place: number): void {
    if (place < this.#list.count) this.clear();
  }

  /** True when it has all messages at places 0 to `end` - 1, and none with the id is among them. */
  lacks(id: string, end: number): boolean {
    return this.#list.count === end && !this.#list.has(id);
  }

  /**
   * The messages at places 0 to `end` - 1. Null where the log does not have them any more as the view knows it,
   * which is where `holds` does not know its checkpoint. Rejects with the log's error.
   */
  async through(
    end: number,
    holds: (checkpoint: string) => boolean,
  ): Promise<GrowingPrompt | null> {
    while (this.#list.count < end) {
      const begin = this.#list.count;
      const before = Math.min(begin + page, end);
      const limit = before - begin;
      const read = await this.#log.items(this.#session, { before, limit });
      if (read === null || read.items.length < limit || !holds(read.checkpoint)) return null;
      const written: Written[] = [];
      for (const item of read.items.map(readStored))
        written.push({ message: await messageOfStored(item), by: item.by });
      // Another session needed the room meanwhile: what was read is no beginning of a list that has none.
      if (this.#list.count !== begin) continue;
      this.#list.add(written);
      this.#length += read.items.reduce((sum, { length }) => sum + length, 0);
    }
    const list = this.#list;
    this.#kept.keep(this, this.#length);
    return list;
  }
}
