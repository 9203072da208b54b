import type { AppendOutcome, NewEntry, SessionLog } from '@holdfast/log';
import { type Entry, HoldfastError, type Limits, type Outcome } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { newEntry } from '../session/new-entry.ts';
import { measuredAppend } from '../telemetry/appends.ts';

/** How writing an entry came out. `fenced`: this writer has lost the run and must stop. */
export type WriteOutcome = 'written' | 'full' | 'fenced';

interface Written {
  readonly seq: number;
  readonly entry: NewEntry;
  readonly end: { readonly outcome: Outcome } | undefined;
}

export interface WriterOptions {
  readonly log: SessionLog;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly limits: Pick<Limits, 'retryForMs' | 'runBufferBytes'>;
  readonly environment: Environment;
  /** Writes the run's start again when the log has lost it; false when it is not to be had. */
  readonly restart: () => Promise<boolean>;
  readonly onCancelled: () => void;
  /** Told of the bytes of each entry that the log has taken. */
  readonly onWritten: (bytes: number) => void;
}

/**
 * Writes the entries of one run, one at a time, each exactly once: repeats after an unknown
 * outcome, and sends again what a failover lost (HF-LOG-2, HF-LOG-4).
 */
export class RunWriter {
  readonly #options: WriterOptions;
  /** A first attempt begins behind the run's start, which its send has written; a later one with it. */
  #seq: number;
  /** Entries that may have to be sent again, oldest first; bounded by `runBufferBytes`. */
  #tail: Written[] = [];
  #tailBytes = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#seq = options.attempt === 1 ? 1 : 0;
  }

  /** Rejects with `too_large` for an entry that no log takes; then nothing was written. */
  async write(entry: Entry, end?: { readonly outcome: Outcome }): Promise<WriteOutcome> {
    const written: Written = {
      seq: this.#seq,
      entry: newEntry(this.#options.environment, entry),
      end,
    };
    const outcome = await this.#deliver(written);
    if (outcome === 'written') {
      this.#seq++;
      this.#remember(written);
      this.#options.onWritten(written.entry.body.length);
    }
    return outcome;
  }

  /** Bytes of what it holds to send again. */
  get tailBytes(): number {
    return this.#tailBytes;
  }

  /** True when the last that it wrote is the run's end. */
  get hasEnded(): boolean {
    return this.#tail.at(-1)?.end !== undefined;
  }

  /**
   * Writes again what the log has lost of a run that has ended, and says whether there was any. Nothing, where
   * it has lost the run as a whole, or ended it otherwise.
   */
  async mend(): Promise<boolean> {
    const last = this.#tail.at(-1);
    if (!last) return false;
    const outcome = await this.#append(last);
    if (outcome.kind === 'gap') return await this.#again(outcome.expected);
    return outcome.kind === 'appended';
  }

  async #deliver(written: Written): Promise<WriteOutcome> {
    let expected = 0;
    for (;;) {
      const outcome = await this.#append(written);
      switch (outcome.kind) {
        case 'appended':
        case 'duplicate':
          if (outcome.cancelled) this.#options.onCancelled();
          return 'written';
        case 'full':
          return 'full';
        case 'gap':
          // The number expected must rise, else this would go round for ever.
          if (outcome.expected <= expected || !(await this.#again(outcome.expected)))
            return 'fenced';
          expected = outcome.expected;
          break;
        case 'unknown':
          if (expected > 0 || !(await this.#options.restart())) return 'fenced';
          expected = 1;
          if (written.seq > 1 && !(await this.#again(1))) return 'fenced';
          break;
        default:
          return 'fenced';
      }
    }
  }

  /** Sends what was written from `seq` on again; false when that is no longer held. */
  async #again(seq: number): Promise<boolean> {
    const lost = this.#tail.filter((written) => written.seq >= seq);
    if (lost[0]?.seq !== seq) return false;
    for (const written of lost) {
      const { kind } = await this.#append(written);
      if (kind !== 'appended' && kind !== 'duplicate') return false;
    }
    return true;
  }

  async #append({ seq, entry, end }: Written): Promise<AppendOutcome> {
    const { log, session, run, attempt, environment, limits } = this.#options;
    const command = { run, attempt, seq, entry, ...(end ? { end } : {}) };
    return await retryUnavailable(
      () => measuredAppend(environment.now, entry.body, () => log.append(session, command)),
      limits.retryForMs,
      environment,
    ).catch((error: unknown): AppendOutcome => {
      // A writer that cannot reach the log for so long must assume that another took over.
      if (HoldfastError.is(error) && error.code === 'unavailable') return { kind: 'fenced' };
      throw error;
    });
  }

  #remember(written: Written): void {
    this.#tail.push(written);
    this.#tailBytes += written.entry.body.length;
    while (this.#tailBytes > this.#options.limits.runBufferBytes && this.#tail.length > 1)
      this.#tailBytes -= this.#tail.shift()?.entry.body.length ?? 0;
  }
}
