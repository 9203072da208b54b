import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import type { Cancel } from '../environment.ts';
import type { SessionHubs } from '../session/hubs.ts';
import type { Stored } from '../session/store-view.ts';
import { type Handled, Topic } from './topic.ts';
import type { BackgroundWorker } from './worker.ts';

export interface CheckpointerOptions {
  readonly log: SessionLog;
  readonly hubs: SessionHubs;
  readonly limits: Pick<Limits, 'checkpointBytes' | 'tailBytes' | 'tailMs'>;
  readonly worker: BackgroundWorker;
}

/** Entries that are stored and may be dropped once nobody resumes behind them any more. */
interface Tail {
  last: Stored;
  readonly due: { readonly id: string; readonly at: number; readonly size: number }[];
  /** Characters of all of them. */
  size: number;
}

/** Another process may store at the same time; the next run or reader makes up for what is left. */
const tries = 3;
const tickMs = 1_000;
/** So many times as much as a checkpoint wrote is new before the next one, up to so many times `checkpointBytes`. */
const dear = 4;
const wide = 8;
/** Sessions whose checkpoints are large, that many are known of: others are stored as if theirs were small. */
const mostCosts = 1_000;
/** Sessions that are written here, that many are known of: the end of a run may come by another process. */
const mostWritten = 10_000;

/**
 * Keeps sessions small: stores what runs wrote when they end, and in between when they write much,
 * and later drops the entries. Nothing depends on it: what it misses is done at the next occasion.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #topic: Topic;
  readonly #written = new Map<string, number>();
  /** Characters that the last checkpoint of a session wrote, where that is much. */
  readonly #costs = new Map<string, number>();
  readonly #tails = new Map<string, Tail>();
  #rest: Cancel | null = null;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#topic = new Topic(options.worker, {
      handle: (session) => this.#store(session),
      tries,
    });
  }

  /**
   * A run wrote so many bytes into the session. A checkpoint writes a message that is open whole, but for pieces of long
   * texts: the next one comes when as much again is new, and while that is little, a few times as much.
   */
  wrote(session: string, bytes: number): void {
    const written = (this.#written.get(session) ?? 0) + bytes;
    this.#written.set(session, written);
    dropOldest(this.#written, mostWritten);
    const { checkpointBytes } = this.#options.limits;
    const cost = this.#costs.get(session) ?? 0;
    if (written >= Math.max(checkpointBytes, cost, Math.min(dear * cost, wide * checkpointBytes)))
      void this.store(session);
  }

  /** Stores what the log holds of the session now or later. Never rejects. */
  store(session: string): Promise<void> {
    this.#written.delete(session);
    return this.#topic.begin(session);
  }

  /** Resolves when everything that was asked for is stored; entries are dropped another time. */
  async close(): Promise<void> {
    this.#tails.clear();
    await this.#options.worker.close();
  }

  #store(session: string): Promise<Handled> {
    return this.#options.hubs.use(session, async (hub) => {
      const stored = await hub.checkpoint();
      if (typeof stored === 'object') {
        this.#noteCost(session, stored.written);
        this.#dropLater(session, stored);
      }
      return stored === 'stale' ? 'again' : 'done';
    });
  }

  #noteCost(session: string, written: number): void {
    this.#costs.delete(session);
    if (written > this.#options.limits.checkpointBytes) this.#costs.set(session, written);
    dropOldest(this.#costs, mostCosts);
  }

  #dropLater(session: string, last: Stored): void {
    const at = this.#options.worker.now() + this.#options.limits.tailMs;
    const known = this.#tails.get(session);
    const tail = known?.last.epoch === last.epoch ? known : { last, due: [], size: 0 };
    tail.last = last;
    tail.due.push({ id: last.id, at, size: last.replaced });
    tail.size += last.replaced;
    this.#tails.set(session, tail);
    this.#rest ??= this.#options.worker.every(tickMs, () => this.#tick());
  }

  #tick(): void {
    const now = this.#options.worker.now();
    const { tailBytes } = this.#options.limits;
    for (const [session, tail] of this.#tails) {
      const { last, due } = tail;
      let dropped: string | null = null;
      for (const { id, at, size } of [...due]) {
        if (at > now && tail.size <= tailBytes) break;
        tail.size -= size;
        dropped = id;
        due.shift();
      }
      if (due.length === 0) this.#tails.delete(session);
      if (dropped !== null) this.#drop(session, last, dropped);
    }
    if (this.#tails.size > 0) return;
    this.#rest?.();
    this.#rest = null;
  }

  /** When another process has stored since, it is that one's to drop. */
  #drop(session: string, { epoch, id, count, keep }: Stored, trim: string): void {
    const { log, worker } = this.#options;
    const command = { epoch, from: id, through: id, count, changes: [], keep, trim };
    void worker.track(() => log.checkpoint(session, command), { session });
  }
}

function dropOldest(of: Map<string, number>, most: number): void {
  if (of.size <= most) return;
  for (const oldest of of.keys()) {
    if (of.size <= most) return;
    of.delete(oldest);
  }
}
