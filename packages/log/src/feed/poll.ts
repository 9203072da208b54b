import type { Head } from '../contract/entries.ts';
import type { Timers } from './timers.ts';

/** Delay with which a run is looked at behind its lease, in ms: clocks tick in whole ones. */
const lapseMs = 10;

/** The clock by which a feed looks at the log by itself: every `pollMs`, and sooner where a lease runs out before. */
export class Poll {
  readonly #timers: Timers;
  readonly #pollMs: number;
  readonly #look: () => void;
  /** Null while it is stopped. */
  #cancel: (() => void) | null = null;

  constructor(timers: Timers, pollMs: number, look: () => void) {
    this.#timers = timers;
    this.#pollMs = pollMs;
    this.#look = look;
  }

  get isOn(): boolean {
    return this.#cancel !== null;
  }

  start(): void {
    this.#arm(this.#pollMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Brings the next look forward to in `ms`; not put off by it, and not begun. */
  hasten(ms: number): void {
    if (this.isOn) this.#arm(Math.min(ms, this.#pollMs));
  }

  /** A lease that was renewed outlasts the next look; one that does not is looked at when it has run out. */
  watchLeases(head: Head | null): void {
    const lefts = head?.runs.flatMap(({ leased, leftMs }) => (leased ? [leftMs] : [])) ?? [];
    const soonest = Math.min(...lefts) + lapseMs;
    if (soonest < this.#pollMs) this.hasten(soonest);
  }

  #arm(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#timers.after(ms, () => {
      this.#arm(this.#pollMs);
      this.#look();
    });
  }
}
