import type { Mark, PutOutcome } from '../../contract/files.ts';
import { maxUploads, pieceExtra } from '../../limits.ts';
import { pieceOf } from '../../piece.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<PutOutcome> = { 0: 'full', 1: 'put' };

/** A piece, with where it is put. */
interface Put {
  readonly upload: string;
  readonly index: number;
  readonly data: Uint8Array | Mark;
}

export async function put(
  { commits, keys, limits }: Store,
  session: string,
  { upload, index, data: given }: Put,
): Promise<PutOutcome> {
  const { meta, files, uploads } = keys.of(session);
  const { uploadMs, sessionFileBytes } = limits;
  const { data, elsewhere } = pieceOf(given);
  // Whose data it is may use them again before they are on their way.
  const bytes = Buffer.from(data);
  const reply = await commits.run(
    scripts.put,
    [meta, files, uploads],
    [upload, index, bytes, uploadMs, sessionFileBytes, maxUploads, pieceExtra, elsewhere],
  );
  return outcomeOf(codes, reply).name;
}
