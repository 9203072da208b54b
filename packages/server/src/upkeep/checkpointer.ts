import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import type { SessionHubs } from '../session/hubs.ts';
import type { Stored } from '../session/store-view.ts';

export interface CheckpointerOptions {
  readonly log: SessionLog;
  readonly hubs: SessionHubs;
  readonly limits: Pick<Limits, 'checkpointBytes' | 'tailMs'>;
  readonly environment: Pick<Environment, 'now'>;
  readonly report: Report;
}

/** Entries that are stored and may be dropped once nobody resumes behind them any more. */
interface Tail {
  last: Stored;
  readonly due: { readonly id: string; readonly at: number }[];
}

/** Another process may store at the same time; the next run or reader makes up for what is left. */
const tries = 3;
const tickMs = 1_000;

/**
 * Keeps sessions small: stores what runs wrote when they end, and in between when they write much,
 * and later drops the entries. Nothing depends on it: what it misses is done at the next occasion.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #written = new Map<string, number>();
  readonly #storing = new Map<string, Promise<void>>();
  readonly #tails = new Map<string, Tail>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** A run wrote so many bytes into the session. */
  wrote(session: string, bytes: number): void {
    const written = (this.#written.get(session) ?? 0) + bytes;
    this.#written.set(session, written);
    if (written < this.#options.limits.checkpointBytes) return;
    this.#written.delete(session);
    void this.store(session);
  }

  /** Stores what the log holds of the session now or later. Never rejects. */
  store(session: string): Promise<void> {
    this.#written.delete(session);
    const before = this.#storing.get(session) ?? Promise.resolve();
    const storing = before
      .then(() => this.#store(session))
      .catch((error: unknown) => this.#options.report(error, { session }))
      .finally(() => {
        if (this.#storing.get(session) === storing) this.#storing.delete(session);
      });
    this.#storing.set(session, storing);
    return storing;
  }

  /** Resolves when everything that was asked for is stored; entries are dropped another time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tails.clear();
    await Promise.all(this.#storing.values());
  }

  async #store(session: string): Promise<void> {
    const share = await this.#options.hubs.acquire(session);
    try {
      for (let left = tries; left > 0; left--) {
        const stored = await share.hub.checkpoint();
        if (typeof stored === 'object') this.#dropLater(session, stored);
        if (stored !== 'stale') return;
      }
    } finally {
      share.release();
    }
  }

  #dropLater(session: string, last: Stored): void {
    const at = this.#options.environment.now() + this.#options.limits.tailMs;
    const known = this.#tails.get(session);
    const tail = known?.last.epoch === last.epoch ? known : { last, due: [] };
    tail.last = last;
    tail.due.push({ id: last.id, at });
    this.#tails.set(session, tail);
    this.#timer ??= inCleanContext(() => setInterval(() => this.#tick(), tickMs).unref());
  }

  #tick(): void {
    const now = this.#options.environment.now();
    for (const [session, { last, due }] of this.#tails) {
      let trim: string | null = null;
      while (due[0] && due[0].at <= now) trim = due.shift()?.id ?? null;
      if (due.length === 0) this.#tails.delete(session);
      if (trim !== null) void this.#drop(session, last, trim);
    }
    if (this.#tails.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** When another process has stored since, it is that one's to drop. */
  async #drop(session: string, { epoch, id, count, keep }: Stored, trim: string): Promise<void> {
    await this.#options.log
      .checkpoint(session, { epoch, from: id, through: id, count, changes: [], keep, trim })
      .catch((error: unknown) => this.#options.report(error, { session }));
  }
}
