import { HoldfastError } from '@holdfast/protocol';
import type { Files } from './contract/files.ts';

const refuse = async (): Promise<never> => {
  throw new HoldfastError('internal', 'unable to keep files: this log cannot yet');
};

/** Stands where a log does not keep files yet. */
export const noFiles: Files = {
  putPiece: refuse,
  piecesOf: refuse,
  keepFile: refuse,
  fileInfo: refuse,
  readPiece: refuse,
};
