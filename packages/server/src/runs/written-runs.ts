import type { Durability } from '@holdfast/log';
import type { Environment } from '../environment.ts';
import { Forgetting } from '../forgetting.ts';
import type { RunTail, Written } from './tail.ts';

/** More are asked for again. */
const most = 1_000;
/** Bytes that are kept of all runs at most; the oldest go first. */
const mostBytes = 33_554_432;
/** How long one stays of which nobody asks for anything any more, in ms: its writer may have gone to another process. */
const keptMs = 300_000;

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
  /** When it was asked for last. */
  at: number;
  tail: { readonly attempt: number; readonly kept: RunTail } | null;
}

const keyOf = (session: string, { run, agent }: Named): string =>
  JSON.stringify([session, run, agent]);

const isOf = (session: string, key: string): boolean =>
  (JSON.parse(key) as readonly string[])[0] === session;

/**
 * The runs that writers write through this process: the record of each, so that an append takes one step of the log
 * and not two, and what was written last, which is kept for a lease behind the run's end (HF-WRT-7).
 */
export class WrittenRuns {
  readonly #environment: Pick<Environment, 'now' | 'after'>;
  readonly #runs = new Map<string, WrittenRun>();
  readonly #forgetting: Forgetting;
  #bytes = 0;

  constructor(environment: Pick<Environment, 'now' | 'after'>) {
    this.#environment = environment;
    const forget = (key: string) => this.#forget(key);
    this.#forgetting = new Forgetting(this.#runs, { environment, keptMs, forget });
  }

  recordOf(session: string, named: Named): WrittenRecord | undefined {
    const found = this.#runs.get(keyOf(session, named));
    if (found) found.at = this.#environment.now();
    return found?.record;
  }

  note(session: string, named: Named, record: WrittenRecord): void {
    const key = keyOf(session, named);
    // Two requests of a run that is new here may both have asked for it.
    if (this.#runs.has(key)) return;
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined && this.#runs.size >= most) this.#forget(oldest);
    this.#runs.set(key, { record, at: this.#environment.now(), tail: null });
    this.#forgetting.begin();
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
    const lastSeq = found.tail?.attempt === attempt ? (found.tail.kept.lastSeq ?? -1) : -1;
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

  /** Forgets the runs of a session that was erased. */
  forget(session: string): void {
    for (const key of this.#runs.keys()) if (isOf(session, key)) this.#forget(key);
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
