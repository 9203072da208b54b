import type { Mark } from './contract/files.ts';

/** A piece as it is kept. */
export interface Piece {
  readonly data: Uint8Array;
  readonly elsewhere: number;
}

export const pieceOf = (given: Uint8Array | Mark): Piece =>
  given instanceof Uint8Array
    ? { data: given, elsewhere: 0 }
    : { data: Buffer.from(given.mark), elsewhere: given.elsewhere };
