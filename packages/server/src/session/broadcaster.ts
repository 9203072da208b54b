import type { Few } from '../few.ts';

/** At most so many are told before the event loop has its turn: a broadcast must not hold other sessions up. */
const slice = 100;

/**
 * `passing` tells one slice after another; `again` means that there is more to tell, for those who had
 * their turn already.
 */
type State = { readonly kind: 'idle' } | { readonly kind: 'passing'; readonly again: boolean };

const idle: State = { kind: 'idle' };

interface Listeners<Listener> {
  has(listener: Listener): boolean;
  /** All of them, as they are now. */
  list(): readonly Listener[];
}

/**
 * Tells many listeners that there is something new. They look for themselves what it is, so whoever
 * has its turn late gets all that came meanwhile at once, and needs no turn of its own for each.
 */
export class Broadcaster<Listener> {
  readonly #listeners: Listeners<Listener>;
  readonly #tell: (listener: Listener) => void;
  #state: State = idle;

  constructor(listeners: Listeners<Listener>, tell: (listener: Listener) => void) {
    this.#listeners = listeners;
    this.#tell = tell;
  }

  begin(): void {
    if (this.#state.kind === 'passing') {
      this.#state = { kind: 'passing', again: true };
      return;
    }
    this.#pass(this.#listeners.list(), 0);
  }

  #pass(listeners: readonly Listener[], from: number): void {
    const next = from + slice;
    for (let at = from; at < next && at < listeners.length; at++) {
      const listener = listeners[at] as Listener;
      if (this.#listeners.has(listener)) this.#tell(listener);
    }
    if (next < listeners.length) {
      if (this.#state.kind === 'idle') this.#state = { kind: 'passing', again: false };
      setImmediate(() => this.#pass(listeners, next));
      return;
    }
    const { again } = this.#state.kind === 'passing' ? this.#state : { again: false };
    this.#state = idle;
    if (again) this.begin();
  }
}

/**
 * Tells all that there is something new. An only one needs nobody to take turns, so that a session which one page
 * follows has no broadcaster: it is made when there are others.
 */
export function tell<Listener extends object>(
  listeners: Listeners<Listener> & Pick<Few<Listener>, 'only'>,
  each: (listener: Listener) => void,
  broadcaster: Broadcaster<Listener> | null,
): Broadcaster<Listener> | null {
  if (listeners.only !== null && broadcaster === null) {
    each(listeners.only);
    return null;
  }
  const made = broadcaster ?? new Broadcaster(listeners, each);
  made.begin();
  return made;
}
