import type { SuspectCommand, SuspectOutcome } from '../../contract/runs.ts';
import { staleGraces } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<SuspectOutcome['kind']> = { 0: 'alive', 1: 'suspected', 2: 'lost' };

export async function suspect(
  { writer, keys }: Store,
  session: string,
  { run, attempt, graceMs }: SuspectCommand,
): Promise<SuspectOutcome> {
  const { meta, leases } = keys.of(session);
  const args = [run, attempt, graceMs, staleGraces * graceMs];
  const reply = await writer.run(scripts.suspect, [meta, leases + run], args);
  const { name, rest } = outcomeOf(codes, reply);
  const isGivenUp = name === 'lost' && Number(rest[0]) === 1;
  if (name === 'alive' || isGivenUp) return { kind: name };
  // Redis that was away from this process may have been away from that of the run, which then could not renew.
  const leftMs = Math.max(name === 'lost' ? 0 : Number(rest[0]), writer.trustsInMs(graceMs));
  return leftMs > 0 ? { kind: 'suspected', leftMs } : { kind: 'lost' };
}
