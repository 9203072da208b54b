import type { SessionLog } from '@holdfast/log';
import { HoldfastError, type Presence } from '@holdfast/protocol';
import type { Report } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import type { PresenceLimits, PresenceOptions } from './presence.ts';

/** What the participants of all sessions of a process need. */
export interface PresenceContext {
  readonly log: Pick<SessionLog, 'signal'>;
  readonly limits: PresenceLimits;
  readonly environment: Pick<Environment, 'now'>;
  readonly report: Report;
}

/** What the participants of one session need: one object, for there is one for each session that is followed. */
export class HubPresence implements PresenceOptions {
  readonly id: string;
  /** Told when the participants have changed, and when others were not told. */
  onChanged: { told(who: readonly Presence[]): void; missed(): void } | null = null;
  readonly #session: string;
  readonly #context: PresenceContext;

  constructor(id: string, session: string, context: PresenceContext) {
    this.id = id;
    this.#session = session;
    this.#context = context;
  }

  get limits(): PresenceLimits {
    return this.#context.limits;
  }

  now(): number {
    return this.#context.environment.now();
  }

  signal(text: string): void {
    void this.#context.log.signal(this.#session, text).catch((error: unknown) => {
      // One that never passes is a fault; others are made up for.
      if (HoldfastError.is(error) && error.code === 'too_large') this.report(error);
      else this.onChanged?.missed();
    });
  }

  report(error: unknown): void {
    this.#context.report(error, { session: this.#session });
  }

  changed(who: readonly Presence[]): void {
    this.onChanged?.told(who);
  }
}
