import type { SessionLog, Unsubscribe } from '@holdfast/log';
import { HoldfastError, isRecord, parseJson } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Environment } from '../environment.ts';

/** An end of rights: of a participant, of everybody in a session, or of a participant in a session. */
export interface Revocation {
  /** Id of the participant; without it, everybody in the session is meant. */
  readonly participant?: string | undefined;
  /** Id of the session; without it, all sessions of the participant are meant. */
  readonly session?: string | undefined;
}

/** A socket or a stream on which somebody reads. */
export interface Guest {
  readonly participant: string;
  /** The rights end now: tells the client, and sends nothing more of it. */
  revoke(session: string | undefined): void;
  /** A revocation may have been missed: asks the application again, soon. */
  recheck(): void;
}

export interface RevocationsOptions {
  readonly log: Pick<SessionLog, 'subscribe' | 'signal'>;
  readonly environment: Pick<Environment, 'wait'>;
  readonly report: Report;
}

/**
 * Signals of this session reach every process. It is none of a user's: who asks for it is refused (see
 * `Gatekeeper`), and nothing is ever written into it.
 */
export const controlSession = 'holdfast__control';

const firstDelayMs = 250;
const maxDelayMs = 10_000;
/** How often a right is asked for that may have ended meanwhile. */
const tries = 5;

/** `standing`: what others revoke is heard. */
type State = 'idle' | 'joining' | 'standing' | 'closed';

/**
 * Ends on all nodes what was granted to somebody (HF-AUTH-3). A signal carries it, which is kept nowhere: a
 * process whose subscription was away has everybody asked for again.
 */
export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #guests = new Set<Guest>();
  #state: State = 'idle';
  #leave: Unsubscribe | null = null;
  /** How many ended, or may have, as far as it was heard of here. */
  #count = 0;

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** Changes when a right has ended, or may have: who asked for one before asks again. */
  get count(): number {
    return this.#count;
  }

  /**
   * Uses what `ask` was granted, unless a right ended while it was asked for: it may have been this one, so it is
   * asked again. `use` must not wait before it has made itself known to whoever revokes. Rejects as `ask` does,
   * and with `unavailable` when rights keep ending.
   */
  async guarded<T, R>(
    ask: () => Promise<T>,
    use: (granted: T) => R,
    drop: (granted: T) => void,
  ): Promise<R> {
    for (let left = tries; left > 0; left--) {
      const count = this.#count;
      const granted = await ask();
      if (count === this.#count) return use(granted);
      drop(granted);
    }
    throw new HoldfastError(
      'unavailable',
      'unable to follow: rights keep ending in between; try again',
      { retryMs: 1_000 },
    );
  }

  /** Has it told of what ends, until it leaves. */
  enter(guest: Guest): void {
    this.#guests.add(guest);
    if (this.#state === 'idle') void inCleanContext(() => this.#join());
  }

  leave(guest: Guest): void {
    this.#guests.delete(guest);
  }

  /** Here at once, and elsewhere when the log has passed it on. Rejects with the log's error. */
  async revoke(revocation: Revocation): Promise<void> {
    this.#apply(revocation);
    await this.#options.log.signal(controlSession, JSON.stringify({ revoke: revocation }));
  }

  close(): void {
    this.#state = 'closed';
    this.#leave?.();
    this.#guests.clear();
  }

  async #join(): Promise<void> {
    this.#state = 'joining';
    const { log, environment, report } = this.#options;
    for (let delay = firstDelayMs; this.#is('joining'); delay = Math.min(delay * 2, maxDelayMs)) {
      try {
        const leave = await log.subscribe(controlSession, (delivery) => {
          if (delivery.kind === 'signal') this.#receive(delivery.text);
          else if (delivery.kind === 'gap') this.#recheckAll();
        });
        if (this.#is('closed')) return leave();
        this.#leave = leave;
        this.#state = 'standing';
        // A guest that came before it stood may have been meant.
        return this.#recheckAll();
      } catch (error) {
        if (delay === firstDelayMs) report(error, {});
        await environment.wait(delay);
      }
    }
  }

  #is(state: State): boolean {
    return this.#state === state;
  }

  #receive(text: string): void {
    const parsed = parseJson(text, 4);
    if (!parsed.ok || !isRecord(parsed.value) || !isRecord(parsed.value.revoke)) return;
    const { participant, session } = parsed.value.revoke;
    const named = [participant, session].filter((name) => name !== undefined);
    if (named.length === 0 || named.some((name) => typeof name !== 'string')) return;
    this.#apply(parsed.value.revoke as Revocation);
  }

  #apply({ participant, session }: Revocation): void {
    this.#count++;
    for (const guest of [...this.#guests])
      if (participant === undefined || guest.participant === participant) guest.revoke(session);
  }

  #recheckAll(): void {
    this.#count++;
    for (const guest of [...this.#guests]) guest.recheck();
  }
}
