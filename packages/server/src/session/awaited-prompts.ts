import type { Entry } from '@holdfast/protocol';
import type { Prompt } from './prompt.ts';

/**
 * Prompts of runs that this process is about to begin, each taken down when the view passes the start of its run:
 * with many runs at once, the view would otherwise be read again for each, as it was then.
 */
export class AwaitedPrompts {
  /** Null while none is awaited. */
  #prompts: Map<string, Prompt | null> | null = null;

  get isEmpty(): boolean {
    return this.#prompts === null;
  }

  await(run: string): void {
    this.#prompts ??= new Map();
    this.#prompts.set(run, null);
  }

  /** True for an entry with which a run begins that is awaited. */
  begins(entry: Entry): boolean {
    return entry.k === 'run-start' && entry.attempt === 1 && this.#prompts?.has(entry.run) === true;
  }

  take(run: string): Prompt | null {
    return this.#prompts?.get(run) ?? null;
  }

  /** Takes down what is shown at the entry. Where that cannot be read, it is looked for when it is asked for. */
  async note(entry: Entry, look: () => Promise<Prompt>): Promise<void> {
    if (entry.k === 'run-start') this.#prompts?.set(entry.run, await look().catch(() => null));
  }

  /** Nobody asks for it any more. */
  drop(run: string): void {
    this.#prompts?.delete(run);
    if (this.#prompts?.size === 0) this.#prompts = null;
  }

  /** What was taken down is of entries that the log may not have. */
  forget(): void {
    for (const run of this.#prompts?.keys() ?? []) this.#prompts?.set(run, null);
  }
}
