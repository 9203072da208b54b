/** More than a feed can be ahead of its deliveries unless they are lost. */
const capacity = 1_024;

/**
 * Ids that were read from the log before their deliveries came. A delivery that is behind the
 * feed's position is either one of these or a sign that the log was changed.
 */
export class EarlyIds {
  readonly #ids: Set<string>;

  constructor(...ids: readonly string[]) {
    this.#ids = new Set(ids);
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= capacity) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }

  /** True when the id was read early; it and older ones are then forgotten, for deliveries are in order. */
  take(id: string): boolean {
    if (!this.#ids.has(id)) return false;
    for (const older of this.#ids) {
      this.#ids.delete(older);
      if (older === id) break;
    }
    return true;
  }
}
