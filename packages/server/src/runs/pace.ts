import { HoldfastError } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { endOfTick, endOfTurn } from './turns.ts';

/** The longest that words may be gathered, in ms: from there on an answer is seen to stutter. */
const longestMs = 1_000;

/** Moments at which the words of all runs of a process are written; no timer runs while nobody has said something. */
export class Gathering {
  readonly #environment: Environment;
  readonly #ms: number;
  #next: Promise<void> | null = null;

  constructor(environment: Environment, ms: number) {
    this.#environment = environment;
    this.#ms = ms;
  }

  /** Resolves at the next of them, `ms` from now at most. */
  next(): Promise<void> {
    this.#next ??= this.#environment.wait(this.#ms).then(() => {
      this.#next = null;
    });
    return this.#next;
  }
}

/** Null where words are not gathered. Throws `bad_request` for what is no time, and for one that is too long. */
export function gatheringOf(environment: Environment, ms = 0): Gathering | null {
  if (!(ms >= 0 && ms <= longestMs))
    throw new HoldfastError(
      'bad_request',
      `unable to begin: gatherMs is ${ms}, and words are gathered for 0 to ${longestMs} ms`,
    );
  return ms > 0 ? new Gathering(environment, ms) : null;
}

/** `first`: nothing was written. `over`: nothing more is said. */
type State = 'first' | 'going on' | 'over';

/** Pace of one run's writes: tells when what was said is to be written. */
export class Pace {
  readonly #gathering: Gathering | null;
  #state: State = 'first';
  /** Ends waiting for the others; undefined while nobody does. */
  #hurry: (() => void) | undefined;

  constructor(gathering: Gathering | null) {
    this.#gathering = gathering;
  }

  /** Resolves when it is time to write; `canWait` tells whether what is there can wait for others. */
  due(canWait: boolean): Promise<void> {
    // A run's first words wait for nobody else's.
    if (this.#state === 'first') {
      this.#state = 'going on';
      return endOfTick();
    }
    // What a model said at once is read in one turn of the event loop: it becomes one entry.
    if (!this.#gathering || !canWait || this.#state === 'over') return endOfTurn();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hurry = resolve;
    void this.#gathering.next().then(resolve);
    return promise;
  }

  /** Has what waits for others wait for them no more. */
  hurry(): void {
    this.#hurry?.();
  }

  /** The same, and nothing waits from now on. */
  over(): void {
    this.#state = 'over';
    this.hurry();
  }
}
