/** Ids kept while the head is asked for; one more that is not known costs one read. */
const passedLimit = 4_096;

/**
 *   none ──► asked ──► none
 *              └──► asked-again ──► none
 *
 * The question where the log stands, one at a time, with the ids at which the feed stood since it was asked:
 * the answer tells of one of them, unless the log is not what was delivered.
 */
export class HeadQuestion {
  #state: 'none' | 'asked' | 'asked-again' = 'none';
  /** Null while it is not asked. */
  #passed: Set<string> | null = null;

  /** False while it is asked already: then it is to be asked again behind that. */
  ask(id: string): boolean {
    if (this.#state !== 'none') {
      this.#state = 'asked-again';
      return false;
    }
    this.#state = 'asked';
    this.#passed = new Set([id]);
    return true;
  }

  /** Takes note of where the feed stands meanwhile. */
  stoodAt(places: readonly { readonly id: string }[]): void {
    if (!this.#passed || this.#passed.size >= passedLimit) return;
    for (const { id } of places) this.#passed.add(id);
  }

  /** The ids at which the feed stood, and whether it is to be asked again. */
  end(): { readonly passed: ReadonlySet<string>; readonly again: boolean } {
    const known = {
      passed: this.#passed ?? new Set<string>(),
      again: this.#state === 'asked-again',
    };
    this.#state = 'none';
    this.#passed = null;
    return known;
  }
}
