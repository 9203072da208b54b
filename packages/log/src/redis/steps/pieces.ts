import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'missing' | 'counted'> = { 0: 'missing', 1: 'counted' };

/** Pieces of an upload from the first one on, and what tells that none was replaced. */
interface Pieces {
  readonly count: number;
  readonly revision: string | null;
}

export async function pieces(
  { writer, keys }: Store,
  session: string,
  upload: string,
): Promise<Pieces> {
  const { files, uploads } = keys.of(session);
  const reply = await writer.run(scripts.pieces, [files, uploads], [upload]);
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'missing') return { count: 0, revision: null };
  return { count: Number(rest[0]), revision: text(rest[1]) };
}
