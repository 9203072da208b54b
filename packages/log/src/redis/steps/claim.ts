import type { ClaimCommand, ClaimOutcome } from '../../contract/claims.ts';
import { maxClaims } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<ClaimOutcome['kind']> = { 1: 'held', 2: 'taken', 3: 'full' };

export async function claim(
  { writer, keys }: Store,
  session: string,
  command: ClaimCommand,
): Promise<ClaimOutcome> {
  const { claims } = keys.of(session);
  const { name: what, holder, leaseMs } = command;
  const reply = await writer.run(scripts.claim, [claims], [what, holder, leaseMs, maxClaims]);
  const { name, rest } = outcomeOf(codes, reply);
  return name === 'taken' ? { kind: name, leftMs: Number(rest[0]) } : { kind: name };
}
