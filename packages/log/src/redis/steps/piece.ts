import type { PieceSource } from '../../contract/files.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'found'> = { 0: 'missing', 1: 'found' };

export async function piece(
  { writer, keys }: Store,
  session: string,
  source: PieceSource,
  index: number,
): Promise<Uint8Array | null> {
  const { files, uploads } = keys.of(session);
  const names = 'upload' in source ? [source.upload, ''] : ['', source.digest];
  const reply = await writer.runBinary(scripts.piece, [files, uploads], [...names, index]);
  const { name, rest } = outcomeOf(codes, reply);
  const [bytes] = rest as readonly unknown[];
  return name === 'found' && bytes instanceof Uint8Array ? bytes : null;
}
