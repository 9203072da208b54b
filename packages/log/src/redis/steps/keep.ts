import type { FileInfo, KeepOutcome } from '../../contract/files.ts';
import { pieceExtra } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<KeepOutcome> = { 0: 'incomplete', 1: 'kept', 2: 'known' };

interface Keep {
  readonly upload: string;
  readonly file: FileInfo;
  readonly revision: string | undefined;
}

export async function keep(
  { commits, keys }: Store,
  session: string,
  { upload, file, revision = '' }: Keep,
): Promise<KeepOutcome> {
  const { files, uploads } = keys.of(session);
  const { digest, pieces, bytes, mediaType } = file;
  const reply = await commits.run(
    scripts.keep,
    [files, uploads],
    [upload, digest, pieces, bytes, mediaType, pieceExtra, revision],
  );
  return outcomeOf(codes, reply).name;
}
