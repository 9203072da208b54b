import type { Head } from '../contract/entries.ts';
import type { Rounds } from './rounds.ts';
import type { Timers } from './timers.ts';

/** Delay with which a run is looked at behind its lease, in ms: clocks tick in whole ones. */
const lapseMs = 10;

/** When a feed looks at the log by itself: in the rounds of all feeds, and besides where a lease runs out before. */
export class Poll {
  readonly #timers: Timers;
  readonly #rounds: Rounds;
  readonly #look: () => void;
  /** Null while it is stopped. */
  #leave: (() => void) | null = null;
  #cancel: (() => void) | null = null;

  constructor(timers: Timers, rounds: Rounds, look: () => void) {
    this.#timers = timers;
    this.#rounds = rounds;
    this.#look = look;
  }

  get isOn(): boolean {
    return this.#leave !== null;
  }

  start(): void {
    this.#leave ??= this.#rounds.join(this.#look);
  }

  stop(): void {
    this.#leave?.();
    this.#leave = null;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Looks in `ms` besides, where that is sooner than a round has to come; not begun by it. */
  hasten(ms: number): void {
    if (!this.isOn || ms >= this.#rounds.everyMs) return;
    this.#cancel?.();
    this.#cancel = this.#timers.after(ms, () => {
      this.#cancel = null;
      this.#look();
    });
  }

  /** A lease that was renewed outlasts the next look; one that does not is looked at when it has run out. */
  watchLeases(head: Head | null): void {
    const lefts = head?.runs.flatMap(({ leased, leftMs }) => (leased ? [leftMs] : [])) ?? [];
    this.hasten(Math.min(...lefts) + lapseMs);
  }
}
