import type { StoredEntry } from '@holdfast/log';
import { type QueueEntry, type StepEntry, seqOf, shownInQueue } from '@holdfast/protocol';
import { entryOf } from './entry-of.ts';
import { type FramePlace, FrameSlabs, textAt } from './frame-slabs.ts';
import { hasChunks, kindOf } from './kind-of.ts';

/** An `entry` frame, encoded once for all who get it. */
export interface RingFrame extends StoredEntry {
  readonly seq: number;
  readonly frame: Buffer;
  /** True for chunks as servers write them: who looks for anything else need not read the body. */
  readonly hasChunks: boolean;
}

/** What it says is read out of the slab when it is asked for: most readers want the bytes, or the body. */
class EntryFrame implements RingFrame {
  readonly seq: number;
  readonly id: string;
  readonly #held: Held;
  /** Where the id of the entry before it stands. */
  readonly #prevAt: number;
  /** Null where it is the end of the frame. */
  readonly #body: string | null;
  #frame: Buffer | null = null;

  constructor(held: Held, prevAt: number, id: string, body: string | null) {
    this.seq = seqOf(id);
    this.id = id;
    this.#held = held;
    this.#prevAt = prevAt;
    this.#body = body;
  }

  get prev(): string {
    return textIn(this.#held, this.#prevAt, this.#held.prevLength);
  }

  get hasChunks(): boolean {
    return this.#held.hasChunks;
  }

  get frame(): Buffer {
    this.#frame ??= textAt(this.#held.place);
    return this.#frame;
  }

  get body(): string {
    if (this.#body !== null) return this.#body;
    const { place, idLength, prevLength } = this.#held;
    const at = this.#prevAt + prevLength + beforeId.length + idLength + beforeBody.length;
    return place.slab.toString('utf8', place.textAt + at, place.end - 1);
  }
}

/** What is held of a frame. */
interface Held {
  readonly place: FramePlace;
  readonly idLength: number;
  readonly prevLength: number;
  readonly hasChunks: boolean;
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
  /** The last that was pushed: readers that keep up ask for no more. */
  #last: StoredEntry | null = null;
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
    this.#last = entry;
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
    this.#last = null;
    this.#newest = { id: '', top: '', frames: [] };
  }

  /** The frames behind `id` up to `top`; null when the ring does not reach back to it. */
  after(id: string, top: string): readonly RingFrame[] | null {
    if (id === top) return [];
    if (id === this.#newest.id && top === this.#newest.top) return this.#newest.frames;
    const index = this.#first + seqOf(id) + 1 - this.#firstSeq;
    const next = index < this.#first ? undefined : this.#held[index];
    if (!next) return null;
    const frames = this.#framesFrom(index, next, id);
    if (frames) this.#newest = { id, top, frames };
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

  /** Null where the first of them, `next`, is not the one behind `id`. */
  #framesFrom(index: number, next: Held, id: string): readonly RingFrame[] | null {
    const last = index === this.#held.length - 1 ? this.#last : null;
    // Its texts are at hand, and need not be read out of its frame.
    if (last) return last.prev === id ? [this.#frameOf(next, last)] : null;
    if (textIn(next, this.#before.length, next.prevLength) !== id) return null;
    return this.#held.slice(index).map((held) => this.#frameOf(held));
  }

  #write(slabs: FrameSlabs, { id, prev, body }: StoredEntry, checked: boolean): Held {
    const isBulk = hasChunks(body);
    const isFit = (isBulk && !checked) || entryOf(body) !== null;
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
      hasChunks: isBulk,
      body: shown === body ? null : body,
    };
  }

  /** `entry` is the same where it is at hand. */
  #frameOf(held: Held, entry?: StoredEntry): RingFrame {
    const prevAt = this.#before.length;
    const idAt = prevAt + held.prevLength + beforeId.length;
    const id = entry?.id ?? textIn(held, idAt, held.idLength);
    return new EntryFrame(held, prevAt, id, entry?.body ?? held.body);
  }
}

const textIn = ({ place: { slab, textAt } }: Held, at: number, length: number): string =>
  slab.toString('latin1', textAt + at, textAt + at + length);

const lengthOf = ({ place: { textAt, end } }: Held): number => end - textAt;

function shownBody(body: string): string {
  if (hasChunks(body)) return body;
  const kind = kindOf(body);
  if (kind === 'step') {
    const { result: _, ...shown } = entryOf(body) as StepEntry;
    return JSON.stringify(shown);
  }
  if (kind !== 'queue') return body;
  const entry = entryOf(body) as QueueEntry | null;
  return entry?.add ? JSON.stringify({ ...entry, add: shownInQueue(entry.add) }) : body;
}
