import type { LeaseCommand, LeaseOutcome } from '../../contract/runs.ts';
import { replyError, toFault } from '../faults.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'failed' | 'held' | 'fenced' | 'closed' | 'unknown' | 'leased'> = {
  0: 'failed',
  1: 'held',
  2: 'fenced',
  3: 'closed',
  4: 'unknown',
  5: 'leased',
};

export async function renew(
  { writer, leases: renewals, keys, limits, publish }: Store,
  session: string,
  { run, attempt, leaseMs, holder = '', if: conditions }: LeaseCommand,
): Promise<LeaseOutcome> {
  const { meta, log, ended, items, ids, channel, leases } = keys.of(session);
  const args = [
    limits.retentionMs,
    run,
    attempt,
    leaseMs,
    holder,
    conditions?.lapsed ? 1 : 0,
    publish,
    channel,
  ];
  const reply = await renewals.ask(meta, args, [log, ended, leases + run, items, ids]);
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'failed') throw toFault(scripts.renew.act, writer.where, replyError(text(rest[0])));
  if (name === 'leased') return { kind: 'refused', why: name };
  return name === 'held' ? { kind: name, cancelled: rest[0] === 1 } : { kind: name };
}
