import type { Outcome } from '@holdfast/protocol';
import type { KnownRun } from '../../contract/runs.ts';
import { type Codes, liveRunOf, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'unknown' | 'running' | 'ended'> = {
  0: 'unknown',
  1: 'running',
  2: 'ended',
};

export async function run(
  { writer, keys }: Store,
  session: string,
  id: string,
): Promise<KnownRun | null> {
  const { meta, ended, leases } = keys.of(session);
  const reply = await writer.run(scripts.run, [meta, ended, leases + id], [id]);
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'unknown') return null;
  const [epoch, ...known] = rest;
  if (name === 'running')
    return { state: name, epoch: text(epoch), ...liveRunOf([id, ...known]).live };
  const [outcome, cancelled] = known;
  return {
    state: text(outcome) as Outcome,
    epoch: text(epoch),
    run: id,
    cancelled: cancelled === 1,
  };
}
