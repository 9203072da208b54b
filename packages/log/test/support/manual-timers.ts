import type { Timers } from '../../src/index.ts';

/** Time that passes when a test says so. */
export class ManualTimers implements Timers {
  /** The delays that were asked for, in their order. */
  readonly delays: number[] = [];
  readonly #pending = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now = 0;

  get pending(): number {
    return this.#pending.size;
  }

  after(ms: number, callback: () => void): () => void {
    this.delays.push(ms);
    const timer = { at: this.#now + ms, callback };
    this.#pending.add(timer);
    return () => this.#pending.delete(timer);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#pending])
      if (timer.at <= this.#now && this.#pending.delete(timer)) timer.callback();
  }
}
