import type { StoredEntry } from '@holdfast/log';
import { type QueueEntry, type StepEntry, seqOf, shownInQueue } from '@holdfast/protocol';
import { entryOf } from './entry-of.ts';
import { type FramePlace, FrameSlabs, textAt } from './frame-slabs.ts';
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

/** What is held of a frame. */
interface Held {
  readonly place: FramePlace;
  readonly idLength: number;
  readonly prevLength: number;
  /** Null where it stands in the frame as it is. */
  readonly body: string | null;
}

const maxFrames = 2_000;
const maxBytes = 1_048_576;
/** In the place of a body that nobody can read: clients pass over kinds that they do not know (HF-VER-3). */
const skipped = '{"k":"unreadable"}';
const beforeId = '","i":"';
const beforeBody = '","d":';

/**
 * The newest frames of a session, so that most readers need no read of the log. Bounded by count
 * and bytes. Relies on dense sequence numbers (HF-LOG-1).
 */
export class FrameRing {
  readonly #onSkipped: (id: string) => void;
  /** What each frame begins with. */
  readonly #before: string;
  readonly #slabs = new FrameSlabs();
  #held: Held[] = [];
  /** Index and number of the oldest that is held. */
  #first = 0;
  #firstSeq = 0;
  #bytes = 0;
  #total = 0;
  /** The newest answer: all readers that keep up ask the same. */
  #newest: { readonly id: string; readonly top: string; readonly frames: readonly RingFrame[] } = {
    id: '',
    top: '',
    frames: [],
  };

  /** `onSkipped` is told of entries that nobody can read, by their ids: perhaps again and again. */
  constructor(session: string, onSkipped: (id: string) => void = () => {}) {
    this.#before = `{"t":"entry","s":"${session}","p":"`;
    this.#onSkipped = onSkipped;
  }

  /** Bytes of all frames ever pushed. */
  get total(): number {
    return this.#total;
  }

  push(entry: StoredEntry): void {
    if (this.#first === this.#held.length) this.#firstSeq = seqOf(entry.id);
    const held = this.#write(this.#slabs, entry, false);
    const bytes = lengthOf(held);
    this.#held.push(held);
    this.#bytes += bytes;
    this.#total += bytes;
    while (this.#held.length - this.#first > maxFrames || this.#bytes > maxBytes) {
      // Bytes are held of frames that are.
      const oldest = this.#held[this.#first++] as Held;
      this.#firstSeq++;
      this.#bytes -= lengthOf(oldest);
    }
    // Removing from the front one by one would move the whole array each time.
    if (this.#first > maxFrames) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#slabs.clear();
    this.#held = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#newest = { id: '', top: '', frames: [] };
  }

  /** The frames behind `id` up to `top`; null when the ring does not reach back to it. */
  after(id: string, top: string): readonly RingFrame[] | null {
    if (id === top) return [];
    if (id === this.#newest.id && top === this.#newest.top) return this.#newest.frames;
    const index = this.#first + seqOf(id) + 1 - this.#firstSeq;
    const next = index < this.#first ? undefined : this.#held[index];
    if (!next || this.#prevOf(next) !== id) return null;
    const frames: RingFrame[] = [];
    for (let at = index; at < this.#held.length; at++)
      frames.push(this.#frameOf(this.#held[at] as Held));
    this.#newest = { id, top, frames };
    return frames;
  }

  /**
   * The body is JSON already; it goes into the frame as it is, but for what clients are not told. Chunks are
   * the bulk of a log, and not read for that on their way to who is live: a client that cannot read a frame
   * drops it, and asks again from in front of it. What it is given then is `checked` (HF-SUB-11).
   */
  encode(entry: StoredEntry, checked = false): RingFrame {
    return this.#frameOf(this.#write(new FrameSlabs(), entry, checked));
  }

  #write(slabs: FrameSlabs, { id, prev, body }: StoredEntry, checked: boolean): Held {
    const isRead = checked || !hasChunks(body);
    const isFit = !isRead || entryOf(body) !== null;
    if (!isFit) this.#onSkipped(id);
    const shown = isFit ? shownBody(body) : skipped;
    const before = this.#before + prev + beforeId + id + beforeBody;
    const place = slabs.place(before.length + Buffer.byteLength(shown) + 1);
    const { slab, textAt, end } = place;
    slab.write(before, textAt, 'latin1');
    slab.write(shown, textAt + before.length);
    slab[end - 1] = 0x7d;
    return {
      place,
      idLength: id.length,
      prevLength: prev.length,
      body: shown === body ? null : body,
    };
  }

  #prevOf({ place: { slab, textAt }, prevLength }: Held): string {
    const at = textAt + this.#before.length;
    return slab.toString('latin1', at, at + prevLength);
  }

  #frameOf(held: Held): RingFrame {
    const { place, idLength, prevLength, body } = held;
    const idAt = this.#before.length + prevLength + beforeId.length;
    const id = place.slab.toString('latin1', place.textAt + idAt, place.textAt + idAt + idLength);
    const bodyAt = idAt + idLength + beforeBody.length;
    return new EntryFrame(id, this.#prevOf(held), textAt(place), body ?? bodyAt);
  }
}

const lengthOf = ({ place: { textAt, end } }: Held): number => end - textAt;

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
