const firstMs = 50;
const lastMs = 1_000;

/** Delays of a feed's loops (PROTOCOL.md section 15): 50 ms doubling to 1 s. */
export class Backoff {
  #nextMs = firstMs;

  /** True until a delay was taken: whether this is the first failure in a row. */
  get fresh(): boolean {
    return this.#nextMs === firstMs;
  }

  take(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, lastMs);
    return ms;
  }

  reset(): void {
    this.#nextMs = firstMs;
  }
}
