import {
  type CancelState,
  errorCodes,
  HoldfastError,
  type ResponseFrame,
} from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import type { Wire } from '../session/subscription.ts';
import { Timers } from '../timers.ts';

/** A run, or the command that asked for it. */
export type CancelTarget = { readonly run: string } | { readonly command: string };

interface Pending {
  readonly session: string;
  readonly target: CancelTarget;
  /** The request on the present socket; null when it was not said there yet. */
  r: number | null;
  readonly askers: { resolve(state: CancelState): void; reject(error: unknown): void }[];
  readonly unwant: () => void;
}

const retryMs = 1_000;

/**
 * The cancels that no answer came for. They outlive streams and sockets: each is said again on every
 * new socket until it is answered.
 */
export class Cancels {
  readonly #wire: Wire;
  readonly #timers: Timers<string>;
  readonly #pending = new Map<string, Pending>();

  constructor(wire: Wire, environment: Environment) {
    this.#wire = wire;
    this.#timers = new Timers(environment);
  }

  /** Resolves once the log has it; asking twice is asking once. */
  request(session: string, target: CancelTarget): Promise<CancelState> {
    const key = JSON.stringify([session, target]);
    const known = this.#pending.get(key);
    const pending: Pending = known ?? {
      session,
      target,
      r: null,
      askers: [],
      unwant: this.#wire.want(),
    };
    this.#pending.set(key, pending);
    return new Promise((resolve, reject) => {
      pending.askers.push({ resolve, reject });
      if (!known) this.#say(pending);
    });
  }

  /** Says everything on a new socket. */
  greet(): void {
    for (const pending of this.#pending.values()) this.#say(pending);
  }

  lost(): void {
    this.#timers.clear();
    for (const pending of this.#pending.values()) pending.r = null;
  }

  receive(frame: ResponseFrame): void {
    for (const [key, pending] of this.#pending) {
      if (pending.r !== frame.r) continue;
      const { err } = frame;
      if (err && errorCodes[err.code]?.retry === 'after') {
        pending.r = null;
        this.#timers.set(key, err.retryMs ?? retryMs, () => this.#say(pending));
        return;
      }
      this.#pending.delete(key);
      for (const asker of pending.askers)
        if (err) asker.reject(new HoldfastError(err.code, err.message));
        else asker.resolve(frame.ok?.state ?? 'stopping');
      pending.unwant();
      return;
    }
  }

  fail(error: Error): void {
    this.#timers.clear();
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) {
      for (const asker of pending.askers) asker.reject(error);
      pending.unwant();
    }
  }

  #say(pending: Pending): void {
    if (pending.r !== null) return;
    const r = this.#wire.nextRequest();
    const { session: s, target } = pending;
    if (this.#wire.send({ t: 'cancel', r, s, ...target })) pending.r = r;
  }
}
