import type { FileInfo } from '../../contract/files.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'found'> = { 0: 'missing', 1: 'found' };

export async function file(
  { writer, keys }: Store,
  session: string,
  digest: string,
): Promise<FileInfo | null> {
  const { files } = keys.of(session);
  const { name, rest } = outcomeOf(codes, await writer.run(scripts.file, [files], [digest]));
  if (name === 'missing') return null;
  const [pieces, bytes, mediaType] = rest;
  return { digest, bytes: Number(bytes), mediaType: text(mediaType), pieces: Number(pieces) };
}
