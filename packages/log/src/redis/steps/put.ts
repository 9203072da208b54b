import type { PutOutcome } from '../../contract/files.ts';
import { maxUploads, pieceExtra } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<PutOutcome> = { 0: 'full', 1: 'put' };

export async function put(
  { writer, keys, limits }: Store,
  session: string,
  {
    upload,
    index,
    data,
  }: { readonly upload: string; readonly index: number; readonly data: Uint8Array },
): Promise<PutOutcome> {
  const { meta, files, uploads } = keys.of(session);
  const { uploadMs, sessionFileBytes } = limits;
  // Whose data it is may use them again before they are on their way.
  const bytes = Buffer.from(data);
  const reply = await writer.run(
    scripts.put,
    [meta, files, uploads],
    [upload, index, bytes, uploadMs, sessionFileBytes, maxUploads, pieceExtra],
  );
  return outcomeOf(codes, reply).name;
}
