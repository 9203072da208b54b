import { HoldfastError } from '@holdfast/protocol';
import type { CheckpointCommand, CheckpointOutcome } from '../../contract/messages.ts';
import { digestOf } from '../digest.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<CheckpointOutcome | 'hole'> = {
  1: 'done',
  2: 'stale',
  3: 'full',
  4: 'missing',
  5: 'hole',
};

/** Tells a state that is empty from none. */
const stateMark = '=';

export async function checkpoint(
  { commits, keys, limits }: Store,
  session: string,
  command: CheckpointCommand,
): Promise<CheckpointOutcome> {
  const { meta, log, items, ids } = keys.of(session);
  const { epoch, from, through, count, keep, trim, handed, state, changes } = command;
  const args = [
    limits.retentionMs,
    limits.sessionBytes,
    epoch,
    from,
    through,
    count,
    keep,
    trim ?? '',
    handed ?? '',
    state === undefined ? '' : stateMark + state,
    ...changes.flatMap(({ at, key, body }) => [at, digestOf(key), body]),
  ];
  const reply = await commits.run(scripts.checkpoint, [meta, log, items, ids], args);
  const { name } = outcomeOf(codes, reply);
  if (name === 'hole')
    throw new HoldfastError('internal', 'unable to store the session: a place is left empty');
  return name;
}
