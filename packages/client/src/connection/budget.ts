import type { Limits } from '@holdfast/protocol';

/**
 * How many acknowledgements the gateway will take: half of the frames that it allows (HF-FRM-2), so
 * that commands always have room.
 */
export class Budget {
  readonly #perMs: number;
  readonly #most: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  constructor(limits: Limits, now: () => number) {
    this.#perMs = limits.framesPerSecond / 2 / 1_000;
    this.#most = limits.framesBurst / 2;
    this.#now = now;
    this.#left = this.#most;
    this.#at = now();
  }

  /** Takes one when there is one. */
  take(): boolean {
    const now = this.#now();
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
