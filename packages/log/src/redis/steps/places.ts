import type { Places, PlacesChange } from '../../contract/files.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'none' | 'given'> = { 0: 'none', 1: 'given' };

export async function places(
  { commits, keys, limits }: Store,
  session: string,
  { name: wanted = '', removed = [] }: PlacesChange,
): Promise<Places | null> {
  const { meta, files } = keys.of(session);
  const args = [wanted, limits.uploadMs, ...removed];
  const { name, rest } = outcomeOf(codes, await commits.run(scripts.places, [meta, files], args));
  if (name === 'none') return null;
  const [given, count, ...gone] = rest;
  return { name: text(given), count: Number(count), gone: gone.map(text) };
}
