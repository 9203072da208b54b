import type { Feeds, SessionLog } from '@holdfast/log';
import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Cancel, Environment } from '../environment.ts';
import { SessionHub } from './hub.ts';
import type { HubContext } from './hub-options.ts';
import { HubPresence } from './hub-presence.ts';
import type { PieceStore } from './pieces.ts';
import { type PresenceLimits, SessionPresence } from './presence.ts';
import { SkippedEntries } from './skipped.ts';
import { stayMs } from './stand-ins.ts';
import { KeptPrefixes } from './stored-prefix.ts';
import type { ViewLimits } from './view-options.ts';

/** A share in a session's hub. `release` it; more than once does nothing more. */
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

/** A session that is followed here. One object, as there is one for each. */
class Slot {
  readonly session: string;
  shares = 0;
  /** Keeps it open after its last share. */
  stay: Cancel | null = null;
  /** Settles when the hub is there, or the log's feed cannot be had; null behind that. */
  opening: Promise<void> | null = null;
  /** Null until it is open. */
  hub: SessionHub | null = null;
  releaseFeed: (() => void) | null = null;

  constructor(session: string) {
    this.session = session;
  }
}

class Share implements HubShare {
  readonly hub: SessionHub;
  readonly #slot: Slot;
  /** Null once it is released. */
  #hubs: { released(slot: Slot): void } | null;

  constructor(hub: SessionHub, slot: Slot, hubs: { released(slot: Slot): void }) {
    this.hub = hub;
    this.#slot = slot;
    this.#hubs = hubs;
  }

  release(): void {
    this.#hubs?.released(this.#slot);
    this.#hubs = null;
  }
}

/**
 * The hubs of a process, one per session, each kept `lingerMs` after its last share, because a reload comes
 * back at once.
 */
export class SessionHubs {
  readonly #options: HubsOptions;
  readonly #context: HubContext;
  /** Tells its hubs from those of other processes. */
  readonly #id: string;
  readonly #slots = new Map<string, Slot>();
  /** Hubs that are open; one timer for all. */
  #count = 0;
  #stop: Cancel | null = null;

  constructor(options: HubsOptions) {
    const { log, limits, report, files } = options;
    this.#options = options;
    this.#id = options.environment.id();
    this.#context = {
      log,
      limits,
      skipped: new SkippedEntries(report),
      files,
      kept: new KeptPrefixes(),
    };
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Rejects with the log's error when the session's feed cannot be had. */
  async acquire(session: string): Promise<HubShare> {
    const slot = this.#slots.get(session) ?? this.#begin(session);
    slot.shares++;
    slot.stay?.();
    slot.stay = null;
    if (slot.opening !== null) await slot.opening;
    // It is open now, or that has rejected.
    return new Share(slot.hub as SessionHub, slot, this);
  }

  /** Has a share in the hub for as long as `act` takes. Rejects as it does, and with the log's error. */
  async use<T>(session: string, act: (hub: SessionHub) => Promise<T>): Promise<T> {
    const share = await this.acquire(session);
    try {
      return await act(share.hub);
    } finally {
      share.release();
    }
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) {
      slot.stay?.();
      await slot.opening?.catch(() => {});
      this.#close(slot);
    }
  }

  /** Called by a share, once. */
  released(slot: Slot): void {
    const { session, hub } = slot;
    if (--slot.shares > 0 || this.#slots.get(session) !== slot) return;
    const { environment, limits } = this.#options;
    const stays = hub?.presence.hasStandIns ? stayMs : 0;
    slot.stay = environment.after(Math.max(limits.lingerMs, stays), () => {
      this.#slots.delete(session);
      this.#close(slot);
    });
  }

  #begin(session: string): Slot {
    const slot = new Slot(session);
    this.#slots.set(session, slot);
    slot.opening = this.#open(slot).catch((error: unknown) => {
      if (this.#slots.get(session) === slot) this.#slots.delete(session);
      throw error;
    });
    return slot;
  }

  async #open(slot: Slot): Promise<void> {
    const { session } = slot;
    const { feeds, environment } = this.#options;
    // The first caller is not the only one for whom it is kept.
    const { feed, release } = await inCleanContext(() => feeds.acquire(session));
    const told = new HubPresence(this.#id, session, this.#options);
    const presence = new SessionPresence(told);
    slot.releaseFeed = release;
    slot.hub = new SessionHub({ session, feed, presence, context: this.#context });
    told.onChanged = slot.hub;
    slot.opening = null;
    this.#stop ??= inCleanContext(() => environment.every(tickMs, () => this.#tick()));
    this.#count++;
  }

  #close(slot: Slot): void {
    if (!slot.hub) return;
    if (--this.#count === 0) this.#rest();
    slot.hub.close();
    slot.releaseFeed?.();
  }

  #tick(): void {
    const now = this.#options.environment.now();
    for (const { hub } of this.#slots.values()) hub?.presence.tick(now);
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
