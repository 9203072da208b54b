import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'counted'> = { 1: 'counted' };

export async function pieces(
  { writer, keys }: Store,
  session: string,
  upload: string,
): Promise<number> {
  const { files, uploads } = keys.of(session);
  const { rest } = outcomeOf(codes, await writer.run(scripts.pieces, [files, uploads], [upload]));
  return Number(rest[0]);
}
