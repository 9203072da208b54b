import type { StoredEntry } from '@holdfast/log';
import { type QueueEntry, type StepEntry, seqOf, shownInQueue } from '@holdfast/protocol';
import { entryOf } from './entry-of.ts';
import { encodeFramed } from './framed.ts';
import { hasChunks, kindOf } from './kind-of.ts';

/** An `entry` frame, encoded once for all who get it. */
export interface RingFrame extends StoredEntry {
  readonly seq: number;
  readonly frame: Buffer;
}

/** Holds the body as a part of the frame, unless clients are not told all of it. */
class EntryFrame implements RingFrame {
  readonly seq: number;
  readonly id: string;
  readonly prev: string;
  readonly frame: Buffer;
  /** The body, or where it begins in the frame. */
  readonly #body: string | number;

  constructor(id: string, prev: string, frame: Buffer, body: string | number) {
    this.seq = seqOf(id);
    this.id = id;
    this.prev = prev;
    this.frame = frame;
    this.#body = body;
  }

  get body(): string {
    if (typeof this.#body === 'string') return this.#body;
    return this.frame.toString('utf8', this.#body, this.frame.length - 1);
  }
}

const maxFrames = 2_000;
const maxBytes = 1_048_576;
/** In the place of a body that nobody can read: clients pass over kinds that they do not know (HF-VER-3). */
const skipped = '{"k":"unreadable"}';

/**
 * The newest frames of a session, so that most readers need no read of the log. Bounded by count
 * and bytes. Relies on dense sequence numbers (HF-LOG-1).
 */
export class FrameRing {
  readonly #session: string;
  readonly #onSkipped: (id: string) => void;
  #frames: RingFrame[] = [];
  #first = 0;
  #held = 0;
  #total = 0;
  /** The newest answer: all readers that keep up ask the same. */
  #newest: { readonly id: string; readonly top: string; readonly frames: readonly RingFrame[] } = {
    id: '',
    top: '',
    frames: [],
  };

  /** `onSkipped` is told of entries that nobody can read, by their ids: perhaps again and again. */
  constructor(session: string, onSkipped: (id: string) => void = () => {}) {
    this.#session = session;
    this.#onSkipped = onSkipped;
  }

  /** Bytes of all frames ever pushed. */
  get total(): number {
    return this.#total;
  }

  push(entry: StoredEntry): void {
    // The id that is held already, and not one more text that is the same.
    const last = this.#frames.at(-1);
    const frame = this.encode(entry, false, entry.prev === last?.id ? last.id : entry.prev);
    this.#frames.push(frame);
    this.#held += frame.frame.length;
    this.#total += frame.frame.length;
    while (this.#frames.length - this.#first > maxFrames || this.#held > maxBytes) {
      // Bytes are held of frames that are.
      const oldest = this.#frames[this.#first++] as RingFrame;
      this.#held -= oldest.frame.length;
    }
    // Removing from the front one by one would move the whole array each time.
    if (this.#first > maxFrames) {
      this.#frames = this.#frames.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#frames = [];
    this.#first = 0;
    this.#held = 0;
    this.#newest = { id: '', top: '', frames: [] };
  }

  /** The frames behind `id` up to `top`; null when the ring does not reach back to it. */
  after(id: string, top: string): readonly RingFrame[] | null {
    if (id === top) return [];
    if (id === this.#newest.id && top === this.#newest.top) return this.#newest.frames;
    const oldest = this.#frames[this.#first];
    if (!oldest) return null;
    const index = this.#first + seqOf(id) + 1 - oldest.seq;
    const next = index < this.#first ? undefined : this.#frames[index];
    if (next?.prev !== id) return null;
    this.#newest = { id, top, frames: this.#frames.slice(index) };
    return this.#newest.frames;
  }

  /**
   * The body is JSON already; it goes into the frame as it is, but for what clients are not told. Chunks are
   * the bulk of a log, and not read for that on their way to who is live: a client that cannot read a frame
   * drops it, and asks again from in front of it. What it is given then is `checked` (HF-SUB-11).
   */
  encode(entry: StoredEntry, checked = false, prev: string = entry.prev): RingFrame {
    const { id, body } = entry;
    const isRead = checked || !hasChunks(body);
    const isFit = !isRead || entryOf(body) !== null;
    if (!isFit) this.#onSkipped(id);
    const shown = isFit ? shownBody(body) : skipped;
    const before = `{"t":"entry","s":"${this.#session}","p":"${prev}","i":"`;
    const frame = encodeFramed(`${before}${id}","d":${shown}}`);
    // Of a text that was cut out of another one the whole would stay: this id is cut out of bytes.
    const idEnd = before.length + id.length;
    const ownId = frame.toString('latin1', before.length, idEnd);
    const held = shown === body ? idEnd + '","d":'.length : body;
    return new EntryFrame(ownId, prev, frame, held);
  }
}

function shownBody(body: string): string {
  const kind = kindOf(body);
  if (kind === 'step') {
    const { result: _, ...shown } = entryOf(body) as StepEntry;
    return JSON.stringify(shown);
  }
  if (kind !== 'queue') return body;
  const entry = entryOf(body) as QueueEntry | null;
  return entry?.add ? JSON.stringify({ ...entry, add: shownInQueue(entry.add) }) : body;
}
