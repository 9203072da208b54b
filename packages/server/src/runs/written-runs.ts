import type { Durability } from '@holdfast/log';
import type { RunTail, Written } from './tail.ts';

/** More are asked for again. */
const most = 1_000;
/** Bytes that are kept of all runs at most; the oldest go first. */
const mostBytes = 33_554_432;

interface Named {
  readonly run: string;
  readonly agent: string;
}

/** What an append needs to know of its run. */
export interface WrittenRecord {
  readonly messageId: string;
  /** What its entries have to survive, where its send asked for that. */
  readonly durability?: Durability;
}

interface WrittenRun {
  readonly record: WrittenRecord;
  tail: { readonly attempt: number; readonly kept: RunTail } | null;
}

const keyOf = (session: string, { run, agent }: Named): string =>
  JSON.stringify([session, run, agent]);

/**
 * The runs that writers write through this process: the record of each, so that an append takes one step of the log
 * and not two, and what was written last, which is kept for a lease behind the run's end (HF-WRT-7).
 */
export class WrittenRuns {
  readonly #runs = new Map<string, WrittenRun>();
  #bytes = 0;

  recordOf(session: string, named: Named): WrittenRecord | undefined {
    return this.#runs.get(keyOf(session, named))?.record;
  }

  note(session: string, named: Named, record: WrittenRecord): void {
    const key = keyOf(session, named);
    // Two requests of a run that is new here may both have asked for it.
    if (this.#runs.has(key)) return;
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined && this.#runs.size >= most) this.#forget(oldest);
    this.#runs.set(key, { record, tail: null });
  }

  /** Takes note of what the log has taken of an attempt; `begin` makes a tail for one that has none here. */
  wrote(
    session: string,
    { attempt, ...named }: Named & { readonly attempt: number },
    written: Written,
    begin: () => RunTail,
  ): void {
    const found = this.#runs.get(keyOf(session, named));
    if (!found) return;
    const { lastSeq = -1 } = found.tail?.attempt === attempt ? found.tail.kept : {};
    if (written.seq <= lastSeq) return;
    // What another process took in between cannot be written again from here.
    if (found.tail?.attempt !== attempt || lastSeq !== written.seq - 1) {
      this.#drop(found);
      found.tail = { attempt, kept: begin() };
    }
    const { kept } = found.tail;
    this.#bytes -= kept.bytes;
    kept.push(written);
    this.#bytes += kept.bytes;
    for (const oldest of this.#runs.values()) {
      if (this.#bytes <= mostBytes) break;
      if (oldest !== found) this.#drop(oldest);
    }
  }

  /** Forgets a run that has ended; what was written of it last is the caller's. */
  ended(session: string, named: Named): RunTail | null {
    const key = keyOf(session, named);
    const tail = this.#runs.get(key)?.tail?.kept ?? null;
    this.#forget(key);
    return tail;
  }

  #forget(key: string): void {
    const found = this.#runs.get(key);
    if (found) this.#drop(found);
    this.#runs.delete(key);
  }

  #drop(found: WrittenRun): void {
    this.#bytes -= found.tail?.kept.bytes ?? 0;
    found.tail = null;
  }
}
