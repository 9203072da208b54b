import type { Mark } from './contract/files.ts';

/** A piece as it is kept. */
export interface Piece {
  readonly data: Uint8Array;
  readonly elsewhere: number;
}

export const pieceOf = (given: Uint8Array | Mark): Piece =>
  // Of another realm it is no instance of this one's class, such as in a test with a DOM.
  ArrayBuffer.isView(given)
    ? { data: given, elsewhere: 0 }
    : { data: Buffer.from(given.mark), elsewhere: given.elsewhere };
