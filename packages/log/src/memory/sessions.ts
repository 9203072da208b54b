import { HoldfastError } from '@holdfast/protocol';
import { exists, isEmpty, newState, prune, type SessionState } from './state.ts';

/** Count of other sessions that are looked at for expiry when a session is made. */
const sweepCount = 4;

/** The sessions of a log in memory; what is past its time is not found any more. */
export class Sessions {
  readonly all: Map<string, SessionState> = new Map();
  readonly #now: () => number;
  #state: 'open' | 'closed' = 'open';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Rejects with `unavailable` once the log is closed. */
  async check(): Promise<void> {
    this.#check();
  }

  close(): void {
    this.#state = 'closed';
    this.all.clear();
  }

  existing(session: string): SessionState | undefined {
    const state = this.find(session);
    return state && exists(state) ? state : undefined;
  }

  /** The state of the session, without what is past its time. */
  find(session: string): SessionState | undefined {
    this.#check();
    const state = this.all.get(session);
    if (!state) return undefined;
    prune(state, this.#now());
    if (!isEmpty(state)) return state;
    this.all.delete(session);
    return undefined;
  }

  take(session: string): SessionState {
    const found = this.find(session);
    if (found) return found;
    this.#sweep();
    const state = newState();
    this.all.set(session, state);
    return state;
  }

  #check(): void {
    if (this.#state === 'closed')
      throw new HoldfastError('unavailable', 'unable to use the log: it was closed');
  }

  /** Moves the oldest sessions to the end or drops them, so that all are looked at in turn. */
  #sweep(): void {
    const now = this.#now();
    let left = sweepCount;
    for (const [session, state] of this.all) {
      if (left-- === 0) return;
      this.all.delete(session);
      prune(state, now);
      if (!isEmpty(state)) this.all.set(session, state);
    }
  }
}
