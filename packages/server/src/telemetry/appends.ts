import type { AppendOutcome } from '@holdfast/log';
import type { Histogram } from '@opentelemetry/api';
import { instruments } from './metrics.ts';
import { measured } from './process-wide.ts';

/** The time of one append in so many is told: telling it costs more than all else that is counted of one. */
const timedEvery = 64;

/**
 * Counts the appends of one run, and tells how long some take. Who collects is looked up once, so that an append makes
 * nothing that is only for this; where nobody does, it is one look at a member.
 */
export class AppendMeter {
  readonly #now: () => number;
  readonly #duration: Histogram | null;

  constructor(now: () => number) {
    this.#now = now;
    this.#duration = instruments()?.appendDuration ?? null;
  }

  /** When an append begins that is to be timed; undefined for all others. */
  begin(): number | undefined {
    if (this.#duration === null || measured.appended.count++ % timedEvery !== 0) return undefined;
    return this.#now();
  }

  /** The log has answered. */
  end(kind: AppendOutcome['kind'], body: string, since: number | undefined): void {
    if (this.#duration === null) return;
    count(kind);
    if (kind === 'appended') measured.appended.bytes += Buffer.byteLength(body);
    if (since !== undefined) this.#duration.record((this.#now() - since) / 1_000);
  }

  /** It has not, or has refused; it is asked again, where that helps. */
  readonly fail = (): void => {
    if (this.#duration !== null) count('failed');
  };
}

const count = (outcome: string): void => {
  measured.appends.set(outcome, (measured.appends.get(outcome) ?? 0) + 1);
};
