/**
 * A set whose only member has no table: there is one for each session that is followed, and most have one follower.
 * Goes through its members in the order in which they came, as they are at that time.
 */
export class Few<Member extends object> implements Iterable<Member> {
  /** Null while there is none, or several. */
  #only: Member | null = null;
  #several: Set<Member> | null = null;

  get size(): number {
    return this.#several?.size ?? (this.#only ? 1 : 0);
  }

  /** Its only member; null while there is none, and when there have been several. */
  get only(): Member | null {
    return this.#only;
  }

  has(member: Member): boolean {
    return this.#several?.has(member) ?? member === this.#only;
  }

  add(member: Member): void {
    if (this.#several) this.#several.add(member);
    else if (!this.#only) this.#only = member;
    else if (this.#only !== member) {
      this.#several = new Set([this.#only, member]);
      this.#only = null;
    }
  }

  delete(member: Member): void {
    if (member === this.#only) this.#only = null;
    this.#several?.delete(member);
    if (this.#several?.size === 0) this.#several = null;
  }

  clear(): void {
    this.#only = null;
    this.#several = null;
  }

  /** Its members, as they are now. */
  list(): readonly Member[] {
    if (this.#several) return [...this.#several];
    return this.#only ? [this.#only] : [];
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.list().values();
  }
}
