import type { Head } from '../contract/entries.ts';
import { firstDelayMs, nextDelayMs } from './backoff.ts';
import type { RoundMember, Rounds } from './rounds.ts';
import type { Timers } from './timers.ts';

/** Delay with which a run is looked at behind its lease, in ms: clocks tick in whole ones. */
const lapseMs = 10;
/** Polls in a row that may find what was not delivered: one may have raced with its delivery. */
const mostDeaf = 2;

/** The clock and the rounds of all feeds. */
export interface PollContext {
  readonly timers: Timers;
  readonly rounds: Rounds;
}

/** When a feed looks at the log by itself: in the rounds of all feeds, and besides where a lease runs out before. */
export class Poll implements RoundMember {
  /** Null while it is stopped. */
  round: RoundMember['round'] = null;
  readonly #context: PollContext;
  readonly #feed: { check(isPoll: boolean): void };
  #cancel: (() => void) | null = null;
  /** Delay of the next try when the log does not answer, in ms. */
  #delayMs = firstDelayMs;
  /** Polls in a row that found what was not delivered. */
  #deaf = 0;

  constructor(context: PollContext, feed: { check(isPoll: boolean): void }) {
    this.#context = context;
    this.#feed = feed;
  }

  get isOn(): boolean {
    return this.round !== null;
  }

  start(): void {
    this.#context.rounds.join(this);
  }

  stop(): void {
    this.#context.rounds.leave(this);
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Called by its rounds. */
  look(): void {
    this.#feed.check(true);
  }

  /** The log has answered. A lease that was not renewed by then is looked at when it has run out. */
  answered(head: Head | null): void {
    this.#delayMs = firstDelayMs;
    const lefts = head?.runs.flatMap(({ leased, leftMs }) => (leased ? [leftMs] : [])) ?? [];
    this.#hasten(Math.min(...lefts) + lapseMs);
  }

  /** The log did not answer: looks again before the next round. True for the first time in a row, while it is on. */
  failed(): boolean {
    if (!this.isOn) return false;
    const isFirst = this.#delayMs === firstDelayMs;
    this.#hasten(this.#delayMs);
    this.#delayMs = nextDelayMs(this.#delayMs);
    return isFirst;
  }

  /** Something was delivered. */
  heard(): void {
    this.#deaf = 0;
  }

  /**
   * A poll found what was not delivered. True when it was one too many, counted anew then: deliveries come from where
   * nobody writes any more (HF-LOG-34).
   */
  isDeaf(): boolean {
    this.#deaf += 1;
    if (this.#deaf < mostDeaf) return false;
    this.#deaf = 0;
    return true;
  }

  /** Looks in `ms` besides, where that is sooner than a round has to come; not begun by it. */
  #hasten(ms: number): void {
    const { timers, rounds } = this.#context;
    if (!this.isOn || ms >= rounds.everyMs) return;
    this.#cancel?.();
    this.#cancel = timers.after(ms, () => {
      this.#cancel = null;
      this.look();
    });
  }
}
