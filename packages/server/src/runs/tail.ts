import type { AppendCommand, AppendOutcome } from '@holdfast/log';
import { Slabs } from '../session/slabs.ts';

/** An entry of a run, as it was written. */
export type Written = Pick<AppendCommand, 'seq' | 'entry' | 'end'>;

/** What is kept of one: the text as bytes, since most are never looked at again. */
interface Kept {
  readonly seq: number;
  readonly nonce: number;
  readonly slab: Buffer;
  readonly at: number;
  readonly size: number;
  readonly end: AppendCommand['end'];
}

/** The newest entries of an attempt that this process wrote, to be written again when a failover has lost them (HF-LOG-4). */
export class RunTail {
  readonly #append: (written: Written) => Promise<AppendOutcome>;
  readonly #mostBytes: number;
  readonly #slabs = new Slabs();
  /** Oldest first. */
  #entries: Kept[] = [];
  #bytes = 0;

  /** Keeps `mostBytes` of bodies, and the last entry in any case. */
  constructor(append: (written: Written) => Promise<AppendOutcome>, mostBytes: number) {
    this.#append = append;
    this.#mostBytes = mostBytes;
  }

  /** Bytes of what it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  get last(): Written | undefined {
    const last = this.#entries.at(-1);
    return last && writtenOf(last);
  }

  /** The number of that; undefined while it holds none. */
  get lastSeq(): number | undefined {
    return this.#entries.at(-1)?.seq;
  }

  push({ seq, entry: { nonce, body }, end }: Written): void {
    const size = Buffer.byteLength(body);
    this.#slabs.take(size, (slab, at) => {
      slab.write(body, at);
      this.#entries.push({ seq, nonce, slab, at, size, end });
    });
    this.#bytes += size;
    while (this.#bytes > this.#mostBytes && this.#entries.length > 1)
      this.#bytes -= this.#entries.shift()?.size ?? 0;
  }

  /**
   * Sends what was written from `seq` on again. `lost`: the log has lost more meanwhile. `refused`: it does not take
   * it, or that is no longer held.
   */
  async again(seq: number): Promise<'sent' | 'lost' | 'refused'> {
    const lost = this.#entries.filter((kept) => kept.seq >= seq);
    if (lost[0]?.seq !== seq) return 'refused';
    for (const kept of lost) {
      const { kind } = await this.#append(writtenOf(kept));
      if (kind === 'gap' || kind === 'unknown') return 'lost';
      if (kind !== 'appended' && kind !== 'duplicate') return 'refused';
    }
    return 'sent';
  }

  /**
   * Writes again what the log has lost of a run that has ended, and says whether there was any. Nothing, where
   * it has lost the run as a whole, or ended it otherwise.
   */
  async mend(): Promise<boolean> {
    const { last } = this;
    if (!last) return false;
    const outcome = await this.#append(last);
    if (outcome.kind === 'gap') return (await this.again(outcome.expected)) === 'sent';
    return outcome.kind === 'appended';
  }
}

const writtenOf = ({ seq, nonce, slab, at, size, end }: Kept): Written => {
  const entry = { nonce, body: slab.toString('utf8', at, at + size) };
  return end ? { seq, entry, end } : { seq, entry };
};
