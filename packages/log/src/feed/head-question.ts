/** Ids kept while the head is asked for; one more that is not known costs one read. */
const passedLimit = 4_096;

/**
 * A question where the log stands, with the ids at which the feed has stood since it was asked: the answer tells of
 * one of them, unless the log is not what was delivered.
 */
export class HeadQuestion {
  readonly #passed: Set<string>;
  #again = false;

  constructor(id: string) {
    this.#passed = new Set([id]);
  }

  /** It is to be asked again behind this one. */
  askAgain(): void {
    this.#again = true;
  }

  get again(): boolean {
    return this.#again;
  }

  /** Takes note of where the feed stands meanwhile. */
  stoodAt(places: readonly { readonly id: string }[]): void {
    if (this.#passed.size >= passedLimit) return;
    for (const { id } of places) this.#passed.add(id);
  }

  /** The ids at which the feed stood. */
  get passed(): ReadonlySet<string> {
    return this.#passed;
  }
}
