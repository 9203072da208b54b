import type { ReapCommand } from '../../contract/runs.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { behindArguments, type Store } from '../store.ts';

export const codes: Codes<'nothing' | 'done' | 'moved'> = { 0: 'nothing', 1: 'done', 2: 'moved' };

export async function reap(
  { commits, keys, limits, publish }: Store,
  session: string,
  { run, attempt, graceMs = 0, outcome = 'lost', entry }: ReapCommand,
): Promise<boolean> {
  const { meta, log, ended, items, ids, channel, leases } = keys.of(session);
  const args = [
    publish,
    channel,
    limits.retentionMs,
    limits.commandMs,
    run,
    attempt,
    entry.nonce,
    entry.body,
    ...behindArguments(entry),
    graceMs,
    outcome,
  ];
  const reply = await commits.run(scripts.reap, [meta, log, ended, leases + run, items, ids], args);
  return outcomeOf(codes, reply).name === 'done';
}
