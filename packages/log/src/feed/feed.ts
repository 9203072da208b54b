import { HoldfastError, origin, type Position, type ResetReason } from '@holdfast/protocol';
import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';
import type { Head, ReadResult, StoredEntry } from '../contract/entries.ts';
import type { SessionLog } from '../contract/session-log.ts';
import { firstDelayMs, nextDelayMs } from './backoff.ts';
import { agrees, isUnborn, unborn } from './compare.ts';
import type { FeedListener, SessionFeed } from './contract.ts';
import { EarlyIds } from './early-ids.ts';
import { HeadQuestion } from './head-question.ts';
import { Listeners } from './listeners.ts';
import { Poll } from './poll.ts';
import type { Rounds } from './rounds.ts';
import type { Timers } from './timers.ts';

type EntryDelivery = Extract<Delivery, { kind: 'entry' }>;

/**
 *   opening ──► live ◄──► reading ──► waiting ──► reading
 *                            └──────► stale (nobody follows) ──► reading
 *   any ──► closed
 *
 * `live` delivers what continues the chain. `reading` has one read under way, `waiting` is before
 * the next after a failed one; both keep what is delivered meanwhile for when the read is back.
 */
type State =
  | { readonly kind: 'opening' | 'live' | 'reading' | 'stale' | 'closed' }
  | { readonly kind: 'waiting'; readonly cancel: () => void };

export interface FeedContext {
  readonly log: SessionLog;
  readonly timers: Timers;
  /** When feeds look at the log by themselves. */
  readonly rounds: Rounds;
  readonly onError: (error: unknown) => void;
  readonly onHead: (session: string, head: Head) => void;
}

/** Entries of one read: the event loop and the store are not held for longer than that. */
const readLimit = 500;
/** Deliveries kept during a read; when there are more, the log is read again instead. */
const keepLimit = 256;

const live: State = { kind: 'live' };

export class LogFeed implements SessionFeed {
  readonly #session: string;
  readonly #context: FeedContext;
  readonly #listeners: Listeners;
  /** Null while nothing was read. */
  #early: EarlyIds | null = null;
  /** Delay of the next try to read, in ms. */
  #repairMs = firstDelayMs;
  #position: Position = unborn;
  #state: State = { kind: 'opening' };
  /** Null while nothing was delivered meanwhile. */
  #kept: EntryDelivery[] | null = null;
  /** True when the kept entries are not all: it reads once more before going live. */
  #again = false;
  /** Null while where the log stands is not asked. */
  #question: HeadQuestion | null = null;
  /** On while somebody follows. */
  readonly #poll: Poll;
  #unsubscribe: Unsubscribe | null = null;

  constructor(session: string, context: FeedContext) {
    this.#session = session;
    this.#context = context;
    this.#listeners = new Listeners(context.onError);
    this.#poll = new Poll(context, this);
  }

  get position(): Position {
    return this.#position;
  }

  listen(listener: FeedListener): () => void {
    return this.#listeners.add(listener);
  }

  unlisten(listener: FeedListener): void {
    this.#listeners.remove(listener);
  }

  /** Subscribes, and only then looks where the log stands, so that nothing falls between. */
  async open(): Promise<void> {
    const { log } = this.#context;
    let head: Head | null;
    try {
      this.#unsubscribe = await log.subscribe(this.#session, (delivery) => this.#receive(delivery));
      head = await log.head(this.#session);
      if (this.#state.kind !== 'opening')
        throw new HoldfastError('unavailable', 'unable to follow the session: feeds were closed');
      if (head) {
        this.#moveTo({ epoch: head.epoch, id: head.top });
        this.#context.onHead(this.#session, head);
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.#poll.start();
    this.#poll.answered(head);
    this.#goLive();
  }

  /** Somebody follows again: polls, and makes up for the time when nobody did. */
  follow(): void {
    if (this.#poll.isOn) return;
    this.#poll.start();
    if (this.#state.kind === 'stale') this.#repair();
    else this.check();
  }

  /** Nobody follows: keeps up with deliveries, but asks for nothing. */
  idle(): void {
    this.#poll.stop();
    if (this.#state.kind !== 'waiting') return;
    this.#state.cancel();
    this.#state = { kind: 'stale' };
  }

  close(): void {
    if (this.#state.kind === 'waiting') this.#state.cancel();
    this.#state = { kind: 'closed' };
    this.#poll.stop();
    this.#listeners.clear();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  check(isPoll = false): void {
    if (this.#state.kind !== 'live') {
      this.#again = true;
      return;
    }
    if (this.#question) {
      this.#question.askAgain();
      return;
    }
    const question = new HeadQuestion(this.#position.id);
    this.#question = question;
    this.#context.log.head(this.#session).then(
      (head) => this.#compared(head, question, isPoll),
      (error) => {
        this.#question = null;
        if (this.#poll.failed()) this.#context.onError(error);
      },
    );
  }

  #compared(head: Head | null, { passed, again }: HeadQuestion, isPoll: boolean): void {
    this.#question = null;
    if (head) this.#context.onHead(this.#session, head);
    this.#poll.answered(head);
    // Any other state has read the log since, or is about to.
    if (this.#state.kind !== 'live') return;
    if (!agrees(head, passed, this.#position)) {
      if (isPoll && this.#poll.isDeaf()) this.#context.log.undelivered?.(this.#session);
      this.#repair();
    } else {
      this.#listeners.call((listener) => listener.compared?.());
      if (again) this.check();
    }
  }

  #receive(delivery: Delivery): void {
    if (delivery.kind !== 'entry') this.#poll.heard();
    if (delivery.kind === 'gap') {
      this.check();
      this.#listeners.call((listener) => listener.missed?.());
    } else if (delivery.kind === 'signal')
      this.#listeners.call((listener) => listener.signal(delivery.text));
    else if (delivery.kind === 'deleted') this.#vanish();
    else if (this.#state.kind !== 'live') this.#keep(delivery);
    else if (!this.#advance(delivery)) this.#repair();
  }

  #keep(delivery: EntryDelivery): void {
    this.#kept ??= [];
    if (this.#kept.push(delivery) <= keepLimit) return;
    this.#kept = null;
    this.#again = true;
  }

  /** True when the delivery continues the chain or is known already (HF-LOG-13). */
  #advance({ epoch, prev, id, body }: EntryDelivery): boolean {
    const known = isUnborn(this.#position) || epoch === this.#position.epoch;
    if (!known) return false;
    if (prev !== this.#position.id) {
      const early = this.#early?.take(id) ?? false;
      if (early) this.#poll.heard();
      return early;
    }
    this.#poll.heard();
    if (body === null) return false;
    this.#early = null;
    this.#deliver(epoch, [{ id, prev, body }]);
    return true;
  }

  #deliver(epoch: string, entries: readonly StoredEntry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    this.#position = { epoch, id: last.id };
    this.#question?.stoodAt(entries);
    this.#listeners.call((listener) => listener.entries(entries));
  }

  #moveTo(position: Position): void {
    this.#position = position;
    this.#question?.stoodAt([position]);
    this.#early = new EarlyIds(position.id);
  }

  #repair(): void {
    const state: State = { kind: 'reading' };
    this.#state = state;
    this.#again = false;
    const after = isUnborn(this.#position) ? null : this.#position;
    this.#context.log.read(this.#session, { after, limit: readLimit }).then(
      (result) => {
        // A deletion or the end came in between: the answer is about what was before.
        if (this.#state !== state) return;
        this.#repairMs = firstDelayMs;
        this.#apply(result);
      },
      (error) => {
        if (this.#state === state) this.#retry(error);
      },
    );
  }

  #retry(error: unknown): void {
    if (this.#repairMs === firstDelayMs) this.#context.onError(error);
    if (!this.#poll.isOn) {
      this.#state = { kind: 'stale' };
      return;
    }
    const cancel = this.#context.timers.after(this.#repairMs, () => this.#repair());
    this.#repairMs = nextDelayMs(this.#repairMs);
    this.#state = { kind: 'waiting', cancel };
  }

  #apply(result: ReadResult): void {
    if (result.kind === 'missing') {
      if (!isUnborn(this.#position)) this.#reset(unborn, 'epoch');
    } else if (result.kind === 'reset') {
      this.#reset({ epoch: result.epoch, id: result.top }, result.why);
    } else {
      this.#applyEntries(result.epoch, result.entries);
      if (this.#state.kind === 'closed') return;
      if (this.#position.id !== result.top) {
        this.#repair();
        return;
      }
    }
    if (this.#state.kind !== 'closed') this.#goLive();
  }

  #applyEntries(epoch: string, entries: readonly StoredEntry[]): void {
    if (isUnborn(this.#position)) {
      const start = entries[0]?.prev ?? origin;
      if (start === origin) this.#position = { epoch, id: origin };
      else this.#reset({ epoch, id: start }, 'trimmed');
    }
    const early = this.#early ?? new EarlyIds();
    for (const { id } of entries) early.add(id);
    this.#early = early;
    this.#deliver(epoch, entries);
  }

  #reset(position: Position, why: ResetReason): void {
    this.#moveTo(position);
    this.#listeners.call((listener) => listener.reset(why));
  }

  /** Takes up what was kept during the read; what does not fit is reason for one more. */
  #goLive(): void {
    this.#state = live;
    const kept = this.#kept ?? [];
    this.#kept = null;
    let again = this.#again;
    for (const delivery of kept) if (!this.#advance(delivery)) again = true;
    // A listener may have closed the feed.
    if (again && this.#state.kind === 'live') this.#repair();
  }

  /** A read that is under way is about the deleted session; the next may already exist. */
  #vanish(): void {
    this.#kept = null;
    if (this.#state.kind === 'opening') {
      this.#again = true;
      return;
    }
    if (this.#state.kind === 'waiting') this.#state.cancel();
    this.#moveTo(unborn);
    this.#listeners.call((listener) => listener.deleted());
    if (this.#state.kind !== 'closed') this.#repair();
  }
}
