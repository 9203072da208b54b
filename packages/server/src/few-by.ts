/**
 * A map whose only entry has no table: there are several for each session that is followed, and most have one
 * follower. Goes through its entries in the order in which they came, as they are at that time.
 */
export class FewBy<Key, Value extends object> implements Iterable<readonly [Key, Value]> {
  /** Null while there is none, or several. */
  #only: Value | null = null;
  /** That of the only one. */
  #key: Key | null = null;
  #several: Map<Key, Value> | null = null;

  get size(): number {
    return this.#several?.size ?? (this.#only ? 1 : 0);
  }

  get(key: Key): Value | undefined {
    if (this.#several) return this.#several.get(key);
    return this.#only && this.#key === key ? this.#only : undefined;
  }

  set(key: Key, value: Value): void {
    if (!this.#several && this.#only && this.#key !== key) {
      this.#several = new Map(this);
      this.#setOnly(null, null);
    }
    if (this.#several) this.#several.set(key, value);
    else this.#setOnly(key, value);
  }

  /** Gives what was there; undefined where nothing was. */
  take(key: Key): Value | undefined {
    const found = this.get(key);
    if (!found) return undefined;
    if (this.#several) this.#several.delete(key);
    else this.#setOnly(null, null);
    if (this.#several?.size === 0) this.#several = null;
    return found;
  }

  clear(): void {
    this.#setOnly(null, null);
    this.#several = null;
  }

  values(): readonly Value[] {
    if (this.#several) return [...this.#several.values()];
    return this.#only ? [this.#only] : [];
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    const only: readonly (readonly [Key, Value])[] = this.#only
      ? [[this.#key as Key, this.#only]]
      : [];
    return (this.#several ? [...this.#several] : only).values();
  }

  #setOnly(key: Key | null, value: Value | null): void {
    this.#key = key;
    this.#only = value;
  }
}
