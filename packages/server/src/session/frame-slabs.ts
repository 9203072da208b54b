import { headLength, textOfFrame, writeHead } from './framed.ts';

/** Bytes of the first slab, which doubles up to those of the largest: few frames take little, and many few slabs. */
const firstBytes = 1_024;
const mostBytes = 16_384;

/** Where the frame of a text stands. */
export interface FramePlace {
  readonly slab: Buffer;
  /** Where its head begins, its text, and what comes behind it. */
  readonly at: number;
  readonly textAt: number;
  readonly end: number;
}

/**
 * Frames one behind the other in slabs of bytes. What is kept of a frame is its place: an object for each
 * text and each frame would have to be copied by the collector until it is old, which holds up everything else.
 */
export class FrameSlabs {
  #slab = Buffer.alloc(0);
  #used = 0;
  #nextBytes = firstBytes;

  /** A place for so many bytes of text, with the head written. It is to be filled at once. */
  place(length: number): FramePlace {
    const head = headLength(length);
    const whole = head + length;
    // A large frame has a slab of its own, which goes with it.
    if (whole > mostBytes / 4) return placeIn(Buffer.allocUnsafeSlow(whole), 0, length);
    if (this.#used + whole > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(whole, this.#nextBytes));
      this.#nextBytes = Math.min(this.#nextBytes * 2, mostBytes);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += whole;
    return placeIn(this.#slab, at, length);
  }

  clear(): void {
    this.#slab = Buffer.alloc(0);
    this.#used = 0;
    this.#nextBytes = firstBytes;
  }
}

function placeIn(slab: Buffer, at: number, length: number): FramePlace {
  writeHead(slab, at, length);
  const textAt = at + headLength(length);
  return { slab, at, textAt, end: textAt + length };
}

/** The text that stands there; `framed` gives its frame without a copy. */
export const textAt = ({ slab, at, textAt, end }: FramePlace): Buffer =>
  textOfFrame(slab, at, textAt - at, end);
