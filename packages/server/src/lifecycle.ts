import { HoldfastError } from '@holdfast/protocol';

/** `draining`: what is there may end, and nothing new begins. */
export type Phase = 'open' | 'draining' | 'closed';

/** After how long a client asks again, by then somebody else; in ms. */
const elsewhereMs = 1_000;

/** Closing is a state: whoever brings new work is sent elsewhere, and loses nothing by it. */
export class Lifecycle {
  #phase: Phase = 'open';
  readonly #leftovers = new Set<() => void>();

  get phase(): Phase {
    return this.#phase;
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** Throws `unavailable` once no new work is taken: repeated elsewhere, nothing of it is lost. */
  takeWork(): void {
    if (this.isOpen) return;
    throw new HoldfastError(
      'unavailable',
      'unable to begin: this process is closing; another one takes it',
      { retryMs: elsewhereMs },
    );
  }

  /** Has `end` called when all is closed, unless the function that it gives is called before. */
  onClosed(end: () => void): () => void {
    if (this.#phase === 'closed') {
      end();
      return () => {};
    }
    this.#leftovers.add(end);
    return () => {
      this.#leftovers.delete(end);
    };
  }

  drain(): void {
    if (this.#phase === 'open') this.#phase = 'draining';
  }

  close(): void {
    this.#phase = 'closed';
    for (const end of [...this.#leftovers]) end();
    this.#leftovers.clear();
  }
}
