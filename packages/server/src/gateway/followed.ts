import type { Subscription } from './subscription.ts';

/** The subscriptions of a socket, by their sessions. Most sockets have one, for which a table would be the larger part. */
export class Followed {
  /** Null while there is none, or several. */
  #only: Subscription | null = null;
  #several: Map<string, Subscription> | null = null;

  get size(): number {
    return this.#several?.size ?? (this.#only ? 1 : 0);
  }

  /** As they are now; those that are added or taken off meanwhile do not matter. */
  get all(): readonly Subscription[] {
    if (this.#several) return [...this.#several.values()];
    return this.#only ? [this.#only] : [];
  }

  of(session: string): Subscription | undefined {
    if (this.#several) return this.#several.get(session);
    return this.#only?.session === session ? this.#only : undefined;
  }

  /** Of a session of which there is none yet. */
  add(subscription: Subscription): void {
    const { size } = this;
    if (size === 0) this.#only = subscription;
    else {
      this.#several ??= new Map(this.all.map((each) => [each.session, each]));
      this.#several.set(subscription.session, subscription);
      this.#only = null;
    }
  }

  /** Takes off the one of a session; undefined where there is none. */
  take(session: string): Subscription | undefined {
    const found = this.of(session);
    this.#several?.delete(session);
    if (found === this.#only) this.#only = null;
    if (this.#several?.size === 0) this.#several = null;
    return found;
  }

  /** Takes off all. */
  clear(): void {
    this.#only = null;
    this.#several = null;
  }
}
