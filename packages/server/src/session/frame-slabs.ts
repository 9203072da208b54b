import { headLength, textOfFrame, writeHead } from './framed.ts';
import { Slabs } from './slabs.ts';

/** Where the frame of a text stands. */
export interface FramePlace {
  readonly slab: Buffer;
  /** Where its head begins, its text, and what comes behind it. */
  readonly at: number;
  readonly textAt: number;
  readonly end: number;
}

/** Frames one behind the other in slabs of bytes. What is kept of a frame is its place. */
export class FrameSlabs {
  readonly #slabs = new Slabs();

  /** A place for so many bytes of text, with the head written. It is to be filled at once. */
  place(length: number): FramePlace {
    const head = headLength(length);
    return this.#slabs.take(head + length, (slab, at) => {
      writeHead(slab, at, length);
      return { slab, at, textAt: at + head, end: at + head + length };
    });
  }

  clear(): void {
    this.#slabs.clear();
  }
}

/** The text that stands there; `framed` gives its frame without a copy. */
export const textAt = ({ slab, at, textAt, end }: FramePlace): Buffer =>
  textOfFrame(slab, at, textAt - at, end);
