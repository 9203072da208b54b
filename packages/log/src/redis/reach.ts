import { returnMs } from './settings.ts';

/**
 * Since when this process reaches Redis. Redis that was away from it may have been away from others, who need some
 * time to come back; so for as long it takes nobody for dead (HF-LOG-24).
 */
export class Reach {
  readonly #now: () => number;
  /** `mended`: it was broken before. */
  #way: 'whole' | 'broken' | 'mended' = 'whole';
  #since: number;

  /** `now` is monotonic, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** There is a connection. */
  connected(): void {
    this.#way = this.#way === 'whole' ? 'whole' : 'mended';
    this.#since = this.#now();
  }

  failed(): void {
    this.#way = 'broken';
  }

  answered(): void {
    if (this.#way === 'broken') this.connected();
  }

  /** For how long nobody is taken for dead yet who has `graceMs`, in ms; 0 or less where that is over. */
  leftMs(graceMs: number): number {
    const waitMs = this.#way === 'whole' ? graceMs : Math.max(graceMs, returnMs);
    return this.#since + waitMs - this.#now();
  }
}
