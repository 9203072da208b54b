import type { SessionFeed, SessionLog, StoredEntry } from '@holdfast/log';
import {
  type Entry,
  isRecord,
  type Message,
  origin,
  type Position,
  parseJson,
  type ResetReason,
  type RunInfo,
  type SnapshotItem,
  seqOf,
} from '@holdfast/protocol';
import { messageOf } from './fold-message.ts';
import { SessionProjection, segmentsOfItem } from './projection.ts';
import { FrameRing, type RingFrame } from './ring.ts';

/** A session at one position. */
export interface SessionSnapshot {
  readonly position: Position;
  readonly items: readonly SnapshotItem[];
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
}

export interface HubListener {
  /** The feed moved on: `framesAfter` gives what it brought. */
  advanced(): void;
  reset(why: ResetReason): void;
  deleted(): void;
}

const page = 500;

/**
 * What a process knows of one session, shared by all its readers and writers there: the newest
 * frames, encoded once, and a projection that catches up with the log only when somebody asks for
 * a snapshot, so that following a session costs no folding. Keeps nothing that the log does not
 * have.
 */
export class SessionHub {
  readonly session: string;
  readonly #log: SessionLog;
  readonly #feed: SessionFeed;
  readonly #ring: FrameRing;
  readonly #listeners = new Set<HubListener>();
  readonly #stop: () => void;
  #projection = new SessionProjection();
  /** What the projection stands at. */
  #projected: Position = { epoch: '', id: origin };
  #catchUp: Promise<unknown> = Promise.resolve();

  constructor(session: string, log: SessionLog, feed: SessionFeed) {
    this.session = session;
    this.#log = log;
    this.#feed = feed;
    this.#ring = new FrameRing(session);
    this.#stop = feed.listen({
      entries: (entries) => {
        for (const entry of entries) this.#ring.push(entry);
        for (const listener of [...this.#listeners]) listener.advanced();
      },
      reset: (why) => {
        this.#ring.clear();
        for (const listener of [...this.#listeners]) listener.reset(why);
      },
      deleted: () => {
        this.#ring.clear();
        for (const listener of [...this.#listeners]) listener.deleted();
      },
    });
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

  /** The frames behind an entry, oldest first; null when some of them are only in the log. */
  framesAfter(id: string): readonly RingFrame[] | null {
    return this.#ring.after(id, this.#feed.position.id);
  }

  encode(entry: StoredEntry): RingFrame {
    return this.#ring.encode(entry);
  }

  /**
   * Brings the projection up to the log's top as it is now or later and hands it to `use`, which
   * must not keep it: snapshots take turns, and the next one changes it. With `through`, the log is
   * read only when what was delivered does not go up to that number.
   */
  project<T>(
    use: (projection: SessionProjection, at: Position) => T | Promise<T>,
    through: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    const turn = this.#catchUp.then(async () => {
      this.#applyDelivered();
      if (this.#projected.epoch === '' || seqOf(this.#projected.id) < through) await this.#readOn();
      return await use(this.#projection, this.#projected);
    });
    this.#catchUp = turn.catch(() => {});
    return turn;
  }

  /** The session at one position, as clients get it. */
  snapshot(): Promise<SessionSnapshot> {
    return this.project((projection, position) => {
      const live = new Set(projection.liveRuns.map((run) => run.messageId));
      const items: SnapshotItem[] = [];
      for (const item of projection.items)
        if (item.kind === 'message') items.push({ id: item.id, message: item.message });
        else if (item.segments.length > 0 || live.has(item.id))
          items.push({ id: item.id, segments: segmentsOfItem(item) });
      const last = items.at(-1)?.id;
      const runs = projection.runs.filter(
        (run) => run.state === 'running' || run.messageId === last,
      );
      return { position, items, runs };
    });
  }

  /** Every message as the AI SDK's reducer makes it, live ones as far as they are. */
  messages(through?: number): Promise<{
    readonly messages: readonly Message[];
    readonly runs: readonly RunInfo[];
    readonly position: Position;
  }> {
    return this.project(async (projection, position) => {
      const messages: Message[] = [];
      for (const item of [...projection.items]) {
        const message = await messageOf(item);
        if (message) messages.push(message);
      }
      return { messages, runs: projection.runs, position };
    }, through);
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  /** Goes on by what is at hand; nothing when the ring does not reach back far enough. */
  #applyDelivered(): void {
    const { epoch, id } = this.position;
    if (epoch === '' || epoch !== this.#projected.epoch) return;
    const frames = this.#ring.after(this.#projected.id, id);
    if (frames) this.#apply(epoch, frames);
  }

  #apply(epoch: string, entries: readonly Pick<StoredEntry, 'id' | 'body'>[]): void {
    for (const { body } of entries) {
      const entry = entryOf(body);
      if (entry) this.#projection.apply(entry);
    }
    const last = entries.at(-1);
    if (last) this.#projected = { epoch, id: last.id };
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const after = this.#projected.epoch === '' ? null : this.#projected;
      const read = await this.#log.read(this.session, { after, limit: page });
      if (read.kind === 'entries') {
        if (after === null) this.#projected = { epoch: read.epoch, id: origin };
        this.#apply(read.epoch, read.entries);
        if (read.entries.length === 0 || this.#projected.id === read.top) return;
      } else {
        this.#projection = new SessionProjection();
        this.#projected = { epoch: '', id: origin };
        if (read.kind === 'missing') return;
      }
    }
  }
}

/** Reads an entry's body; null when it is none, which readers skip. */
export function entryOf(body: string): Entry | null {
  const parsed = parseJson(body, 1_000);
  return parsed.ok && isRecord(parsed.value) && typeof parsed.value.k === 'string'
    ? (parsed.value as unknown as Entry)
    : null;
}
