/**
 * A clock that leaves out the time in which this process stood still: it was paused, or its event loop blocked.
 * What clients sent meanwhile has come and is not read yet, so that time is not their silence (HF-CONN-13).
 * To be asked more often than every `mostMs`.
 */
export class AwakeClock {
  readonly #now: () => number;
  readonly #mostMs: number;
  #lookedAt: number;
  #slept = 0;
  #told = 0;

  constructor(now: () => number, mostMs: number) {
    this.#now = now;
    this.#mostMs = mostMs;
    this.#lookedAt = now();
  }

  /** True when it has stood still since this was asked last. */
  hasSlept(): boolean {
    this.now();
    const has = this.#slept > this.#told;
    this.#told = this.#slept;
    return has;
  }

  readonly now = (): number => {
    const now = this.#now();
    this.#slept += Math.max(0, now - this.#lookedAt - this.#mostMs);
    this.#lookedAt = now;
    return now - this.#slept;
  };
}
