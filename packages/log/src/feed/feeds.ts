import { defaultLimits, HoldfastError, type Limits } from '@holdfast/protocol';
import type { Head } from '../contract/entries.ts';
import type { SessionLog } from '../contract/session-log.ts';
import type { Feeds, SessionFeed } from './contract.ts';
import { type FeedContext, LogFeed } from './feed.ts';
import { Rounds } from './rounds.ts';
import { systemTimers, type Timers } from './timers.ts';

/** Options of `createFeeds`. */
export interface FeedsOptions {
  /** `pollMs`: how often a followed feed is compared with the log. `lingerMs`: how long one outlives its last follower. */
  readonly limits?: Partial<Pick<Limits, 'pollMs' | 'lingerMs'>> | undefined;
  /**
   * Clock and timers.
   * @default timers of the system, which do not keep the process alive
   */
  readonly timers?: Timers | undefined;
  /** Told of listeners that throw, and of the first of several failures of the log in a row. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * Shown what the log said of a followed session, at its opening and at every comparison, so that
   * whoever looks after sessions need not ask again. MUST NOT throw.
   */
  readonly onHead?: ((session: string, head: Head) => void) | undefined;
}

interface Holder {
  readonly feed: LogFeed;
  /** Null once it stands. */
  opening: Promise<void> | null;
  followers: number;
  stopLinger: () => void;
}

const nothing = (): void => {};

class SharedFeeds implements Feeds {
  readonly #holders = new Map<string, Holder>();
  readonly #context: FeedContext;
  readonly #lingerMs: number;
  #state: 'open' | 'closed' = 'open';

  constructor(
    log: SessionLog,
    { limits, timers = systemTimers, onError = nothing, onHead = nothing }: FeedsOptions,
  ) {
    const { pollMs = defaultLimits.pollMs, lingerMs = defaultLimits.lingerMs } = limits ?? {};
    this.#context = { log, timers, rounds: new Rounds(timers, pollMs), onError, onHead };
    this.#lingerMs = lingerMs;
  }

  async acquire(session: string): Promise<{ readonly feed: SessionFeed; release(): void }> {
    if (this.#state === 'closed')
      throw new HoldfastError('unavailable', 'unable to follow the session: feeds were closed');
    const holder = this.#holders.get(session) ?? this.#hold(session);
    holder.stopLinger();
    holder.followers += 1;
    // A failed opening takes the holder away with all its followers.
    if (holder.opening !== null) await holder.opening;
    holder.feed.follow();
    let held: Holder | null = holder;
    return {
      feed: holder.feed,
      release: () => {
        if (held) this.#release(session, held);
        held = null;
      },
    };
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    for (const { feed, stopLinger } of this.#holders.values()) {
      stopLinger();
      feed.close();
    }
    this.#holders.clear();
  }

  #hold(session: string): Holder {
    const feed = new LogFeed(session, this.#context);
    const holder: Holder = { feed, opening: null, followers: 0, stopLinger: nothing };
    this.#holders.set(session, holder);
    holder.opening = feed.open().then(
      () => {
        holder.opening = null;
      },
      (error: unknown) => {
        if (this.#holders.get(session) === holder) this.#holders.delete(session);
        throw error;
      },
    );
    return holder;
  }

  #release(session: string, holder: Holder): void {
    holder.followers -= 1;
    if (holder.followers > 0 || this.#holders.get(session) !== holder) return;
    holder.feed.idle();
    holder.stopLinger = this.#context.timers.after(this.#lingerMs, () => {
      this.#holders.delete(session);
      holder.feed.close();
    });
  }
}

/** Feeds over a log, one for each session that is followed in this process. */
export const createFeeds = (log: SessionLog, options: FeedsOptions = {}): Feeds =>
  new SharedFeeds(log, options);
