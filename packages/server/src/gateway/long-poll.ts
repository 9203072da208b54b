import type { ServerFrame } from '@holdfast/protocol';
import type { Cancel, Environment } from '../environment.ts';

/** Presence changes when the poll itself begins and ends: it alone makes no answer sooner than that. */
const presenceMs = 1_000;

export interface LongPollOptions {
  readonly environment: Pick<Environment, 'now' | 'after'>;
  /** The position from which the client asks. */
  readonly from: string | undefined;
  readonly waitMs: number;
  readonly onOver: () => void;
}

type State =
  | { readonly kind: 'replaying' }
  /** All that was there is sent, at that time; `isNow` as long as the turn lasts that sent it. */
  | { readonly kind: 'waiting'; readonly since: number; readonly isNow: boolean }
  | { readonly kind: 'over' };

/**
 * Tells when a client that reads no stream has got its answer (HF-EVT-6): there was something new, or comes, or the
 * time is over.
 */
export class LongPoll {
  readonly #options: LongPollOptions;
  #state: State = { kind: 'replaying' };
  #cancel: Cancel = () => {};

  constructor(options: LongPollOptions) {
    this.#options = options;
  }

  /** An event was sent. */
  sent(type: ServerFrame['t'], position: string | null): void {
    if (this.#state.kind === 'replaying') {
      if (type === 'live') this.#caughtUp(position);
    } else if (type === 'presence') this.#presence();
    else if (type !== 'ping' && type !== 'pong') this.#end();
  }

  close(): void {
    this.#state = { kind: 'over' };
    this.#cancel();
  }

  #caughtUp(position: string | null): void {
    const { environment, from, waitMs } = this.#options;
    const since = environment.now();
    this.#state = { kind: 'waiting', since, isNow: true };
    // What is told together with it travels with it.
    queueMicrotask(() => {
      if (this.#state.kind !== 'waiting') return;
      if (waitMs === 0 || position !== from) this.#end();
      else {
        this.#state = { kind: 'waiting', since, isNow: false };
        this.#cancel = environment.after(waitMs, () => this.#end());
      }
    });
  }

  #presence(): void {
    if (this.#state.kind !== 'waiting' || this.#state.isNow) return;
    const { environment, waitMs } = this.#options;
    const left = this.#state.since + Math.min(presenceMs, waitMs) - environment.now();
    this.#cancel();
    if (left <= 0) this.#end();
    else this.#cancel = environment.after(left, () => this.#end());
  }

  #end(): void {
    if (this.#state.kind === 'over') return;
    this.close();
    this.#options.onOver();
  }
}
