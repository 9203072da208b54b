import type { ReadResult, SessionLog, StoredEntry } from '@holdfast/log';
import { type Position, seqOf } from '@holdfast/protocol';
import type { HubListener } from './hub-listener.ts';
import type { RingFrame } from './ring.ts';

/** Entries of one read: neither the event loop nor the store is held for longer than that. */
const page = 200;

/** The knowledge of a hub about a session. */
export interface Delivered {
  readonly session: string;
  /** The place up to which entries were delivered. */
  readonly position: Position;
  /** Bytes of all that was delivered; only differences mean something. */
  readonly bytes: number;
  framesAfter(id: string): readonly RingFrame[] | null;
  listen(listener: HubListener): () => void;
}

/** The result of reading behind a place: entries, or why there is no going on from it. */
export type Behind =
  | { readonly kind: 'entries'; readonly entries: readonly StoredEntry[] }
  | Exclude<ReadResult, { readonly kind: 'entries' }>;

/**
 * A place in a session, and what stands behind it: from the hub's newest frames, or, further back, from the log.
 * Whoever has a cursor moves it on, entry by entry, as fast as it likes.
 */
export class LogCursor {
  readonly #hub: Delivered;
  readonly #log: Pick<SessionLog, 'read'>;
  #epoch: string;
  #id: string;
  /** The hub's byte count up to here. */
  #mark: number;

  constructor(hub: Delivered, log: Pick<SessionLog, 'read'>, at: Position) {
    this.#hub = hub;
    this.#log = log;
    this.#epoch = at.epoch;
    this.#id = at.id;
    this.#mark = hub.bytes;
  }

  /** Its epoch is empty while the session has not begun. */
  get position(): Position {
    return { epoch: this.#epoch, id: this.#id };
  }

  get epoch(): string {
    return this.#epoch;
  }

  get id(): string {
    return this.#id;
  }

  /** Bytes that were delivered behind it: about so much is still to be sent. */
  get lag(): number {
    return this.#hub.bytes - this.#mark;
  }

  /**
   * The delivered frames behind it, oldest first. Null where only the log can tell: some of it is not at hand, the
   * session has begun anew, or more is known here than was delivered, which may have been lost since.
   */
  get delivered(): readonly RingFrame[] | null {
    const { epoch, id } = this.#hub.position;
    const isSame = this.#epoch === epoch || this.#epoch === '';
    if (!isSame || seqOf(this.#id) > seqOf(id)) return null;
    return this.#hub.framesAfter(this.#id);
  }

  /** A page of what the log has behind it. Rejects with the log's error. */
  read(): Promise<ReadResult> {
    const after = this.#epoch === '' ? null : this.position;
    return this.#log.read(this.#hub.session, { after, limit: page });
  }

  /**
   * A page of what is behind it, from what was delivered or else from the log; no entries where that has none yet.
   * Rejects with the log's error.
   */
  async next(): Promise<Behind> {
    const frames = this.delivered;
    return frames === null || frames.length === 0 ? await this.read() : pageOf(frames);
  }

  /**
   * Pages of what comes behind it, each when there is one, until the signal aborts. The log is asked where what was
   * delivered does not tell. Throws the log's error.
   */
  async *follow(signal: AbortSignal): AsyncGenerator<Behind> {
    let wake = () => {};
    let isUnsure = false;
    const advanced = () => wake();
    const unsure = () => {
      isUnsure = true;
      wake();
    };
    const unlisten = this.#hub.listen({ advanced, reset: unsure, deleted: unsure });
    signal.addEventListener('abort', advanced);
    try {
      while (!signal.aborted) {
        const moved = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const frames = isUnsure ? null : this.delivered;
        isUnsure = false;
        const behind = frames ? pageOf(frames) : await this.read();
        if (behind.kind !== 'entries' || behind.entries.length > 0) yield behind;
        else if (!signal.aborted) await moved;
      }
    } finally {
      unlisten();
      signal.removeEventListener('abort', advanced);
    }
  }

  /** Goes behind an entry, of which so many bytes were delivered. */
  pass(id: string, bytes = 0): void {
    this.#id = id;
    this.#mark += bytes;
  }

  /** Goes elsewhere; `mark` is the hub's byte count up to there. */
  moveTo({ epoch, id }: Position, mark: number = this.#hub.bytes): void {
    this.#epoch = epoch;
    this.#id = id;
    this.#mark = mark;
  }

  /** Takes note that all that was delivered is behind it. */
  caughtUp(): void {
    this.#mark = this.#hub.bytes;
  }
}

const pageOf = (frames: readonly RingFrame[]): Behind => ({
  kind: 'entries',
  entries: frames.length > page ? frames.slice(0, page) : frames,
});
