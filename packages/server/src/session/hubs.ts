import type { Feeds, SessionLog } from '@holdfast/log';
import { SessionHub } from './hub.ts';

/** A share in a session's hub; `release` it once. */
export interface HubShare {
  readonly hub: SessionHub;
  release(): void;
}

interface Slot {
  readonly opened: Promise<{ readonly hub: SessionHub; readonly close: () => void }>;
  shares: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * One hub per session and process, kept `lingerMs` after its last share, because a reload comes
 * back at once.
 */
export class SessionHubs {
  readonly #log: SessionLog;
  readonly #feeds: Feeds;
  readonly #lingerMs: number;
  readonly #slots = new Map<string, Slot>();

  constructor(log: SessionLog, feeds: Feeds, lingerMs: number) {
    this.#log = log;
    this.#feeds = feeds;
    this.#lingerMs = lingerMs;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Rejects with the log's error when the session's feed cannot be had. */
  async acquire(session: string): Promise<HubShare> {
    const slot = this.#slots.get(session) ?? this.#open(session);
    slot.shares++;
    clearTimeout(slot.timer);
    try {
      const { hub } = await slot.opened;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        this.#release(session, slot);
      };
      return { hub, release };
    } catch (error) {
      this.#slots.delete(session);
      throw error;
    }
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) {
      clearTimeout(slot.timer);
      await slot.opened.then(
        ({ close }) => close(),
        () => {},
      );
    }
  }

  #open(session: string): Slot {
    const opened = this.#feeds.acquire(session).then(({ feed, release }) => {
      const hub = new SessionHub(session, this.#log, feed);
      const close = () => {
        hub.close();
        release();
      };
      return { hub, close };
    });
    const slot: Slot = { opened, shares: 0, timer: undefined };
    this.#slots.set(session, slot);
    return slot;
  }

  #release(session: string, slot: Slot): void {
    if (--slot.shares > 0 || this.#slots.get(session) !== slot) return;
    slot.timer = setTimeout(() => {
      this.#slots.delete(session);
      void slot.opened.then(({ close }) => close());
    }, this.#lingerMs);
    slot.timer.unref?.();
  }
}
