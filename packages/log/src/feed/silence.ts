/** Polls that may find what was not delivered: one may have raced with its delivery. */
const most = 2;

/**
 * Counts the polls in a row that found what was not delivered: deliveries then come from where nobody writes
 * any more (HF-LOG-34).
 */
export class Silence {
  #polls = 0;

  heard(): void {
    this.#polls = 0;
  }

  /** True when it was one too many; counts anew then. */
  repaired(): boolean {
    this.#polls += 1;
    if (this.#polls < most) return false;
    this.#polls = 0;
    return true;
  }
}
