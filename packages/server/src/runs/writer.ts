import type { AppendOutcome, Durability, SessionLog } from '@holdfast/log';
import { type Entry, HoldfastError, type Limits, type Outcome } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { newEntry } from '../session/new-entry.ts';
import { AppendMeter } from '../telemetry/appends.ts';
import { RunTail, type Written } from './tail.ts';

/** How writing an entry came out. `fenced`: this writer has lost the run and must stop. */
export type WriteOutcome = 'written' | 'full' | 'fenced';

export interface WriterOptions {
  readonly log: SessionLog;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly limits: Pick<Limits, 'retryForMs' | 'runBufferBytes'>;
  readonly environment: Environment;
  /** What each entry has to survive, where that is more than all writes do. */
  readonly durability?: Durability | undefined;
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
  readonly #meter: AppendMeter;
  /** Entries that may have to be sent again; bounded by `runBufferBytes`. */
  readonly tail: RunTail;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#meter = new AppendMeter(options.environment.now);
    this.tail = new RunTail((written) => this.#append(written), options.limits.runBufferBytes);
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
      this.tail.push(written);
      this.#options.onWritten(written.entry.body.length);
    }
    return outcome;
  }

  /** True when the last that it wrote is the run's end. */
  get hasEnded(): boolean {
    return this.tail.last?.end !== undefined;
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
          if (outcome.expected <= expected || !(await this.tail.again(outcome.expected)))
            return 'fenced';
          expected = outcome.expected;
          break;
        case 'unknown':
          if (expected > 0 || !(await this.#options.restart())) return 'fenced';
          expected = 1;
          if (written.seq > 1 && !(await this.tail.again(1))) return 'fenced';
          break;
        default:
          return 'fenced';
      }
    }
  }

  async #append({ seq, entry, end }: Written): Promise<AppendOutcome> {
    const { log, session, run, attempt, environment, limits, durability } = this.#options;
    const asked = durability && { durability };
    const command = { run, attempt, seq, entry, ...(end ? { end } : {}), ...asked };
    const append = () => log.append(session, command);
    const meter = this.#meter;
    const since = meter.begin();
    try {
      const outcome = await retryUnavailable(append, limits.retryForMs, environment, meter.fail);
      meter.end(outcome.kind, entry.body, since);
      return outcome;
    } catch (error) {
      // A writer that cannot reach the log for so long must assume that another took over.
      if (HoldfastError.is(error) && error.code === 'unavailable') return { kind: 'fenced' };
      throw error;
    }
  }
}
