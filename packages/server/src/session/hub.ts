import type { CheckpointOutcome, SessionFeed, SessionLog, StoredEntry } from '@holdfast/log';
import {
  type Author,
  encodeFrame,
  HoldfastError,
  origin,
  type Position,
  type Presence,
  type QueuedSend,
  type ResetReason,
  type RunInfo,
  type SnapshotItem,
  seqOf,
  shownInQueue,
} from '@holdfast/protocol';
import { type SessionProjection, segmentsOfItem } from '@holdfast/protocol/projection';
import { digestOf, formatCursor, parseCursor } from './cursor.ts';
import { isShown, messageOf } from './fold-message.ts';
import type { SessionPresence } from './presence.ts';
import { FrameRing, type RingFrame } from './ring.ts';
import type { Present } from './roster.ts';
import { Rounds } from './rounds.ts';
import { SessionView, type ViewLimits } from './view.ts';
import { type Conversation, conversationOf, type Written } from './written.ts';

/** A session at one position, as clients get it: its newest messages. */
export interface SessionSnapshot {
  readonly position: Position;
  readonly items: readonly SnapshotItem[];
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  readonly queue: readonly QueuedSend[];
  readonly operator: Author | null;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  readonly present: Present;
}

/** Oldest message first. */
export interface MessagePage extends Conversation {
  readonly before: string | null;
}

/** A checkpoint that the log has. */
export interface Stored {
  readonly epoch: string;
  readonly id: string;
  readonly count: number;
  readonly keep: number;
}

export interface HubListener {
  /** The feed moved on: `framesAfter` gives what it brought. */
  advanced(): void;
  reset(why: ResetReason): void;
  deleted(): void;
  /** Who is in the session has changed. */
  presence?(who: readonly Presence[]): void;
}

export interface HubOptions {
  readonly session: string;
  readonly log: SessionLog;
  readonly feed: SessionFeed;
  readonly limits: ViewLimits;
  readonly presence: SessionPresence;
}

/**
 * What a process knows of one session, shared by all its readers and writers there: the newest
 * frames, encoded once, and a view that catches up with the log only when somebody asks for a
 * snapshot, so that following a session costs no folding. Keeps nothing that the log does not
 * have.
 */
export class SessionHub {
  readonly session: string;
  readonly presence: SessionPresence;
  readonly #log: SessionLog;
  readonly #feed: SessionFeed;
  readonly #ring: FrameRing;
  readonly #limits: ViewLimits;
  readonly #view: SessionView;
  readonly #listeners = new Set<HubListener>();
  readonly #rounds = new Rounds(this.#listeners, (listener) => listener.advanced());
  readonly #stop: () => void;
  #turns: Promise<unknown> = Promise.resolve();
  #presence: { readonly present: Present; readonly frame: Buffer } | null = null;

  constructor({ session, log, feed, limits, presence }: HubOptions) {
    this.session = session;
    this.presence = presence;
    this.#log = log;
    this.#feed = feed;
    this.#ring = new FrameRing(session);
    this.#limits = limits;
    this.#view = new SessionView(session, log, limits);
    const stopFeed = feed.listen({
      entries: (entries) => {
        for (const entry of entries) this.#ring.push(entry);
        this.#rounds.begin();
      },
      reset: (why) => {
        this.#ring.clear();
        for (const listener of [...this.#listeners]) listener.reset(why);
      },
      deleted: () => {
        this.#ring.clear();
        for (const listener of [...this.#listeners]) listener.deleted();
      },
      signal: (text) => presence.receive(text),
    });
    const stopPresence = presence.listen((who) => {
      for (const listener of [...this.#listeners]) listener.presence?.(who);
    });
    this.#stop = () => {
      stopFeed();
      stopPresence();
    };
  }

  /** Up to where frames were delivered. */
  get position(): Position {
    return this.#feed.position;
  }

  /** Bytes of all frames delivered so far; only differences mean something. */
  get bytes(): number {
    return this.#ring.total;
  }

  listen(listener: HubListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Who is there, encoded once for all followers. */
  get presenceFrame(): Buffer {
    const { present } = this.presence;
    if (this.#presence?.present !== present) {
      const { who, count } = present;
      const more = count > who.length ? { count } : {};
      const text = encodeFrame({ t: 'presence', s: this.session, who, ...more });
      this.#presence = { present, frame: Buffer.from(text) };
    }
    return this.#presence.frame;
  }

  /** The frames behind an entry, oldest first; null when some of them are only in the log. */
  framesAfter(id: string): readonly RingFrame[] | null {
    return this.#ring.after(id, this.#feed.position.id);
  }

  encode(entry: StoredEntry): RingFrame {
    return this.#ring.encode(entry);
  }

  /**
   * Brings the projection up to the log's top as it is now or later and hands it to `use`, which
   * must not keep it: callers take turns, and the next one changes it. With `through`, the log is
   * read only when what was delivered does not go up to that number.
   */
  project<T>(
    use: (projection: SessionProjection, at: Position, view: SessionView) => T | Promise<T>,
    through: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    return this.#turn(async (view) => {
      await this.#catchUp(view, through);
      return await use(view.projection, view.position, view);
    });
  }

  /**
   * Takes note of entries that this process wrote right behind what is known here: they need not be
   * read, so that an agent starts one round trip to the log after its send.
   */
  wrote(before: Position, entries: readonly Pick<StoredEntry, 'id' | 'body'>[]): Promise<void> {
    return this.#turn(async (view) => {
      const { epoch, id } = view.position;
      // Before its first entry there is nothing of a session that could be unknown.
      if (before.id === origin && epoch === '') view.begin(before.epoch);
      else if (epoch === '' || epoch !== before.epoch || id !== before.id) return;
      await view.apply(entries);
    });
  }

  /** The session at one position, as clients get it. */
  snapshot(): Promise<SessionSnapshot> {
    return this.project(async (projection, position, view) => {
      const live = new Set(projection.liveRuns.map((run) => run.messageId));
      const { last } = projection;
      const items: SnapshotItem[] = [];
      const { pageStart } = view;
      for (const item of [...projection.items].slice(pageStart - view.start)) {
        const isWhole = item.kind === 'message' || (item !== last && !projection.isOpen(item));
        if (isWhole) {
          const message = await messageOf(item);
          if (isShown(message)) items.push({ id: item.id, message, by: item.by });
        } else if (item.segments.length > 0 || live.has(item.id))
          items.push({ id: item.id, segments: segmentsOfItem(item), by: item.by });
      }
      const runs = projection.runs.filter(
        (run) => run.state === 'running' || run.messageId === last?.id,
      );
      const before = await this.#cursor(view, pageStart);
      const queue = projection.queue.map(shownInQueue);
      const { operator } = projection;
      const { present } = this.presence;
      return { position, items, runs, queue, operator, before, present };
    });
  }

  /**
   * Every message as the AI SDK's reducer makes it, live ones as far as they are: at the top, or at
   * the entry with that number, where that is not stored under a later checkpoint already.
   */
  messages(
    through: number = Number.POSITIVE_INFINITY,
  ): Promise<Conversation & { readonly runs: readonly RunInfo[]; readonly position: Position }> {
    return this.project(async (_, __, now) => {
      const view = await this.#at(now, through);
      const all = await view.messages(0, view.end);
      const { projection, position } = view;
      return { ...conversationOf(all), runs: projection.runs, position };
    }, through);
  }

  /** The newest `limit` messages with the runs that are live or wrote the last one. */
  newest(
    limit: number,
  ): Promise<
    MessagePage &
      Pick<SessionSnapshot, 'runs' | 'queue' | 'operator'> & { readonly position: Position }
  > {
    return this.project(async (projection, position, view) => {
      const page = await this.#page(view, Math.max(0, view.end - limit), view.end);
      const queue = projection.queue.map(shownInQueue);
      return { ...page, runs: projection.runs, queue, operator: projection.operator, position };
    });
  }

  /**
   * At most `limit` messages that are older than the cursor's. Rejects as `bad_request` or
   * `conflict` for a cursor that does not hold (HF-HTTP-8).
   */
  older(text: string, limit: number): Promise<MessagePage> {
    const { epoch, place, digest } = parseCursor(text);
    return this.project(async (_, position, view) => {
      if (position.epoch !== epoch)
        throw new HoldfastError(
          'bad_request',
          'unable to read the history: the cursor is of another session; begin with the newest page',
        );
      const id = await view.idAt(place);
      if (id === undefined || digestOf(id) !== digest)
        throw new HoldfastError(
          'conflict',
          'unable to read the history: the message of the cursor was cut off; begin with the newest page',
        );
      return await this.#page(view, Math.max(0, place - limit), place);
    });
  }

  /** A message by its id, also one that is not held here; null when there is none. */
  message(id: string): Promise<Written | null> {
    return this.project(async (projection, _, view) => {
      await view.reach(id);
      const item = projection.item(id);
      return item ? { message: await messageOf(item), by: item.by } : null;
    });
  }

  /** Up to where the application was told, and in which epoch (HF-RUN-8). */
  handed(): Promise<Position> {
    return this.project((_, { epoch }, view) => ({ epoch, id: view.handed }));
  }

  /** Stores what entries amount to, so that they can be dropped (HF-LOG-11). */
  checkpoint(): Promise<Stored | 'nothing' | Exclude<CheckpointOutcome, 'done'>> {
    return this.project(async (_, __, view) => {
      const draft = await view.draft();
      if (!draft) return 'nothing';
      const store = (trim: string | null) =>
        this.#log.checkpoint(this.session, { ...draft.command, trim });
      let outcome = await store(null);
      // Without room for both, whoever is behind gets a snapshot: else nothing would ever be stored.
      if (outcome === 'full') outcome = await store(draft.command.through);
      if (outcome === 'done') {
        draft.done();
        const { epoch, through, count, keep } = draft.command;
        return { epoch, id: through, count, keep };
      }
      // Another process was first: what it stored is where to go on from.
      if (outcome !== 'full') view.reset();
      return outcome;
    });
  }

  /** Notes that the application was told up to that entry; false when it has to be tried again. */
  handOver(id: string): Promise<boolean> {
    return this.project(async (_, { epoch }, view) => {
      if (epoch === '') return false;
      const stored = { epoch, from: view.checkpoint, through: view.checkpoint, ...view.stored };
      const note = { ...stored, changes: [], trim: null, handed: id };
      const outcome = await this.#log.checkpoint(this.session, note);
      if (outcome === 'done') view.handedTo(id);
      else view.reset();
      return outcome === 'done';
    });
  }

  close(): void {
    this.#stop();
    this.presence.close();
    this.#listeners.clear();
  }

  /** The session as it was; as it is, when it did not go on since or cannot be seen any more. */
  async #at(now: SessionView, through: number): Promise<SessionView> {
    if (seqOf(now.position.id) <= through) return now;
    const then = new SessionView(this.session, this.#log, this.#limits);
    await then.readOn(through);
    return seqOf(then.position.id) === through ? then : now;
  }

  #turn<T>(act: (view: SessionView) => Promise<T>): Promise<T> {
    const turn = this.#turns.then(() => act(this.#view));
    this.#turns = turn.catch(() => {});
    return turn;
  }

  async #page(view: SessionView, begin: number, end: number): Promise<MessagePage> {
    const messages = await view.messages(begin, end);
    return { ...conversationOf(messages), before: await this.#cursor(view, begin) };
  }

  async #cursor(view: SessionView, place: number): Promise<string | null> {
    if (place === 0) return null;
    const id = await view.idAt(place);
    return id === undefined ? null : formatCursor(view.position.epoch, place, id);
  }

  /** By what is at hand, where the ring reaches back far enough; else from the log. */
  async #catchUp(view: SessionView, through: number): Promise<void> {
    const { epoch, id } = this.position;
    const known = view.position;
    if (epoch !== '' && epoch === known.epoch) {
      const frames = this.#ring.after(known.id, id);
      if (frames) await view.apply(frames);
    }
    // Whoever makes do with what was delivered makes do with that there is no such session.
    if (epoch === '' && known.epoch === '' && through === 0) return;
    if (view.position.epoch === '' || seqOf(view.position.id) < through) await view.readOn();
  }
}
