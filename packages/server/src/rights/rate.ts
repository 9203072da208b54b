/** A token bucket: `perSecond` on average, `burst` at once. */
export class Rate {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one more, or so many; true when it is within the rate. */
  take(now: number, count = 1): boolean {
    this.#refill(now);
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** How long until there are so many, in ms; 0 when there are. */
  waitMs(now: number, count = 1): number {
    this.#refill(now);
    return Math.ceil((Math.max(0, count - this.#tokens) / this.#perSecond) * 1_000);
  }

  /** True when nothing of it is used. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.#burst;
  }

  /** A clock that was set back gives nothing, and takes nothing. */
  #refill(now: number): void {
    const seconds = (now - this.#at) / 1_000;
    this.#at = now;
    // No time at a rate without end is no number, and would be none for ever.
    if (seconds <= 0) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
  }

  /** Gives one back that turned out not to count. */
  refund(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }
}
