import { HoldfastError } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';

/** Who reads by these rights. */
export interface RightsHolder {
  /** Rejects with `forbidden` when the session may not be read any more. */
  ask(session: string): Promise<unknown>;
  /** The right is gone. */
  evict(session: string): void;
  report(error: unknown, session: string): void;
}

interface RightsLimits {
  readonly recheckMs: number;
}

/** How soon it is asked again when the application could not tell, in ms. */
const againMs = 30_000;
/** Over how long a hurried look at all sessions is spread, in ms: all sockets of a process may hurry at once. */
const hurryMs = 10_000;

/** The rights to read of what somebody follows, asked again every `recheckMs` (HF-AUTH-3). */
export class ReadingRights {
  readonly #limits: RightsLimits;
  readonly #environment: Pick<Environment, 'now' | 'nonce'>;
  readonly #holder: RightsHolder;
  /** When to ask for each session. */
  readonly #due = new Map<string, number>();

  constructor(
    limits: RightsLimits,
    environment: Pick<Environment, 'now' | 'nonce'>,
    holder: RightsHolder,
  ) {
    this.#limits = limits;
    this.#environment = environment;
    this.#holder = holder;
  }

  /** It was just granted. */
  follow(session: string): void {
    this.#due.set(session, this.#environment.now() + this.#limits.recheckMs);
  }

  unfollow(session: string): void {
    this.#due.delete(session);
  }

  tick(now: number): void {
    for (const [session, at] of this.#due) if (at <= now) void this.#ask(session, now);
  }

  /** Asks for all of them within `withinMs`. */
  hurry(withinMs: number = hurryMs): void {
    const environment = this.#environment;
    for (const [session, at] of this.#due) {
      const share = environment.nonce() / 2 ** 31;
      this.#due.set(session, Math.min(at, environment.now() + share * withinMs));
    }
  }

  async #ask(session: string, now: number): Promise<void> {
    const { recheckMs } = this.#limits;
    this.#due.set(session, now + recheckMs);
    try {
      await this.#holder.ask(session);
    } catch (error) {
      if (!this.#due.has(session)) return;
      if (HoldfastError.is(error) && error.code === 'forbidden') {
        this.#due.delete(session);
        this.#holder.evict(session);
        return;
      }
      // An application whose database is away has taken no right from anybody.
      this.#due.set(session, now + Math.min(againMs, recheckMs));
      this.#holder.report(error, session);
    }
  }
}
