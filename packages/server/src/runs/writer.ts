import type { AppendCommand, AppendOutcome, Durability, NewEntry, SessionLog } from '@holdfast/log';
import { type Entry, HoldfastError, type Limits, type Outcome } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { retryAfter } from '../retry-unavailable.ts';
import { newEntry } from '../session/new-entry.ts';
import { AppendMeter } from '../telemetry/appends.ts';
import { RunTail } from './tail.ts';

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

/** How often in one write what the log has lost is sent again: it may lose it again meanwhile, but not for ever. */
const mendings = 5;

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
    this.tail = new RunTail(
      ({ seq, entry, end }) => this.#append(this.#commandOf(seq, entry, end)),
      options.limits.runBufferBytes,
    );
    this.#seq = options.attempt === 1 ? 1 : 0;
  }

  /** Rejects with `too_large` for an entry that no log takes; then nothing was written. */
  async write(entry: Entry, end?: { readonly outcome: Outcome }): Promise<WriteOutcome> {
    const made = newEntry(this.#options.environment, entry);
    const written = this.#commandOf(this.#seq, made, end);
    const outcome = await this.#append(written);
    const result = isTaken(outcome) ? this.#taken(outcome) : await this.#mend(written, outcome);
    if (result === 'written') {
      this.#seq++;
      this.tail.push(written);
      this.#options.onWritten(written.entry.body.length);
    }
    return result;
  }

  /** True when the last that it wrote is the run's end. */
  get hasEnded(): boolean {
    return this.tail.last?.end !== undefined;
  }

  #taken({ cancelled }: Taken): 'written' {
    if (cancelled) this.#options.onCancelled();
    return 'written';
  }

  /** Writes it with what the log has lost before it, where that is the reason why it was not taken. */
  async #mend(written: AppendCommand, refused: AppendOutcome): Promise<WriteOutcome> {
    let left = mendings;
    for (let outcome = refused; ; outcome = await this.#append(written)) {
      switch (outcome.kind) {
        case 'appended':
        case 'duplicate':
          return this.#taken(outcome);
        case 'full':
          return 'full';
        case 'gap':
          if (left-- === 0 || (await this.tail.again(outcome.expected)) === 'refused')
            return 'fenced';
          break;
        case 'unknown':
          if (left-- === 0 || !(await this.#options.restart())) return 'fenced';
          if (written.seq > 1 && (await this.tail.again(1)) === 'refused') return 'fenced';
          break;
        default:
          return 'fenced';
      }
    }
  }

  #commandOf(seq: number, entry: NewEntry, end: AppendCommand['end']): AppendCommand {
    const { run, attempt, durability } = this.#options;
    const asked = durability && { durability };
    if (end || asked) return { run, attempt, seq, entry, ...(end && { end }), ...asked };
    return { run, attempt, seq, entry };
  }

  #append(command: AppendCommand): Promise<AppendOutcome> {
    const { log, session } = this.#options;
    const since = this.#meter.begin();
    return log.append(session, command).then(
      (outcome) => {
        this.#meter.end(outcome.kind, command.entry.body, since);
        return outcome;
      },
      (error: unknown) => this.#again(command, error, since),
    );
  }

  async #again(
    command: AppendCommand,
    error: unknown,
    since: number | undefined,
  ): Promise<AppendOutcome> {
    const { log, session, environment, limits } = this.#options;
    try {
      const outcome = await retryAfter(error, {
        write: () => log.append(session, command),
        forMs: limits.retryForMs,
        environment,
        onFailed: this.#meter.fail,
      });
      this.#meter.end(outcome.kind, command.entry.body, since);
      return outcome;
    } catch (last) {
      // A writer that cannot reach the log for so long must assume that another took over.
      if (HoldfastError.is(last) && last.code === 'unavailable') return { kind: 'fenced' };
      throw last;
    }
  }
}

type Taken = Extract<AppendOutcome, { readonly cancelled: boolean }>;

const isTaken = (outcome: AppendOutcome): outcome is Taken => 'cancelled' in outcome;
