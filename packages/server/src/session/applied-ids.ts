import { seqOf } from '@holdfast/protocol';

/** Ids of that many entries that were applied last are known. */
const knownIds = 2_000;

/** The entries that were applied last, without a gap: a number alone would not tell one log from another. */
export class AppliedIds {
  #ids: string[] = [];

  /** The entry behind the last one. */
  push(id: string): void {
    this.#ids.push(id);
    if (this.#ids.length > 2 * knownIds) this.#ids = this.#ids.slice(-knownIds);
  }

  /** False also for one that is too far back to tell. */
  has(id: string): boolean {
    const last = this.#ids.at(-1);
    if (last === undefined) return false;
    const back = seqOf(last) - seqOf(id);
    return back >= 0 && this.#ids.at(-1 - back) === id;
  }

  clear(): void {
    this.#ids = [];
  }
}
