import type { Feeds, SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Cancel, Environment } from '../environment.ts';
import { SessionHub } from './hub.ts';
import type { PieceStore } from './pieces.ts';
import { type PresenceLimits, SessionPresence } from './presence.ts';
import { stayMs } from './stand-ins.ts';
import { KeptPrefixes } from './stored-prefix.ts';
import type { ViewLimits } from './view-options.ts';

/** A share in a session's hub; `release` it once. */
export interface HubShare {
  readonly hub: SessionHub;
  release(): void;
}

export interface HubsOptions {
  readonly log: SessionLog;
  readonly feeds: Feeds;
  readonly limits: ViewLimits & PresenceLimits & { readonly lingerMs: number };
  readonly environment: Pick<Environment, 'id' | 'now' | 'after' | 'every'>;
  readonly report: Report;
  /** Where pieces of long texts are kept. */
  readonly files?: PieceStore | undefined;
}

/** How often each hub looks at the time. */
const tickMs = 1_000;

interface Slot {
  readonly opened: Promise<{ readonly hub: SessionHub; readonly close: () => void }>;
  shares: number;
  /** Keeps it open after its last share. */
  stay: Cancel;
}

/**
 * The hubs of a process, one per session, each kept `lingerMs` after its last share, because a reload comes
 * back at once.
 */
export class SessionHubs {
  readonly #options: HubsOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #kept = new KeptPrefixes();
  /** Hubs that are open; one timer for all. */
  readonly #presences = new Set<SessionPresence>();
  #stop: Cancel | null = null;

  constructor(options: HubsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Rejects with the log's error when the session's feed cannot be had. */
  async acquire(session: string): Promise<HubShare> {
    const slot = this.#slots.get(session) ?? this.#open(session);
    slot.shares++;
    slot.stay();
    try {
      const { hub } = await slot.opened;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        this.#release(session, slot, hub);
      };
      return { hub, release };
    } catch (error) {
      if (this.#slots.get(session) === slot) this.#slots.delete(session);
      throw error;
    }
  }

  /** Has a share in the hub for as long as `act` takes. Rejects as it does, and with the log's error. */
  async use<T>(session: string, act: (hub: SessionHub) => Promise<T>): Promise<T> {
    const { hub, release } = await this.acquire(session);
    try {
      return await act(hub);
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) {
      slot.stay();
      await slot.opened.then(
        ({ close }) => close(),
        () => {},
      );
    }
  }

  #open(session: string): Slot {
    const { log, feeds, limits, environment, report, files } = this.#options;
    // The first caller is not the only one for whom it is kept.
    const opened = inCleanContext(() => feeds.acquire(session)).then(({ feed, release }) => {
      const presence = new SessionPresence({
        id: environment.id(),
        limits,
        now: environment.now,
        // A signal may be lost, and is repeated; one that never passes is a fault.
        signal: (text) =>
          void log.signal(session, text).catch((error: unknown) => {
            if (HoldfastError.is(error) && error.code === 'too_large') report(error, { session });
          }),
        report: (error) => report(error, { session }),
      });
      this.#presences.add(presence);
      this.#stop ??= inCleanContext(() => environment.every(tickMs, () => this.#tick()));
      const hub = new SessionHub({
        session,
        log,
        feed,
        limits,
        presence,
        report: (error) => report(error, { session }),
        kept: this.#kept,
        files,
      });
      const close = () => {
        this.#presences.delete(presence);
        if (this.#presences.size === 0) this.#rest();
        hub.close();
        release();
      };
      return { hub, close };
    });
    const slot: Slot = { opened, shares: 0, stay: () => {} };
    this.#slots.set(session, slot);
    return slot;
  }

  #tick(): void {
    const now = this.#options.environment.now();
    for (const presence of this.#presences) presence.tick(now);
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #release(session: string, slot: Slot, { presence }: SessionHub): void {
    if (--slot.shares > 0 || this.#slots.get(session) !== slot) return;
    const { environment, limits } = this.#options;
    const stays = presence.hasStandIns ? stayMs : 0;
    slot.stay = environment.after(Math.max(limits.lingerMs, stays), () => {
      this.#slots.delete(session);
      void slot.opened.then(({ close }) => close());
    });
  }
}
