import type { Presence } from '@holdfast/protocol';

/** A subscription for which requests may speak, and the participant whose requests they must be. */
export interface Address {
  readonly key: object;
  readonly participant: Omit<Presence, 'state'>;
}

/** Subscriptions by the ids of their connections (HF-EVT-7). */
export class Addresses {
  readonly #byConn = new Map<string, Address>();
  readonly #conns = new Map<object, string>();

  add(conn: string, address: Address): void {
    this.#byConn.set(conn, address);
    this.#conns.set(address.key, conn);
  }

  /** Undefined where it is none of these, or another participant's. */
  find(conn: string, participant: string): Address | undefined {
    const address = this.#byConn.get(conn);
    return address?.participant.id === participant ? address : undefined;
  }

  drop(key: object): void {
    this.#byConn.delete(this.#conns.get(key) ?? '');
    this.#conns.delete(key);
  }
}
