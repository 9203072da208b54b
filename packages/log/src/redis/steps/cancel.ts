import type { CancelCommand, CancelOutcome } from '../../contract/runs.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { behindArguments, type Store } from '../store.ts';
import { mark } from './mark.ts';

export const codes: Codes<CancelOutcome['state'] | 'moved'> = {
  1: 'stopping',
  2: 'finished',
  3: 'missing',
  4: 'moved',
};

export async function cancel(
  store: Store,
  session: string,
  { target, entry }: CancelCommand,
): Promise<CancelOutcome> {
  const { commits, keys, limits, publish } = store;
  // The run that a command started never changes, so a second step may rely on it.
  const found = 'run' in target ? target : await mark(store, session, target.command);
  if (found === 'full') return { state: found };
  if (typeof found === 'string') return { state: found === 'marked' ? 'stopping' : 'finished' };
  const { run } = found;
  const made = await entry(run);
  const { meta, log, ended, items, ids, channel } = keys.of(session);
  const written = [made.nonce, made.body, ...behindArguments(made)];
  const args = [publish, channel, limits.retentionMs, run, ...written];
  const reply = await commits.run(scripts.cancel, [meta, log, ended, items, ids], args);
  const { name: state } = outcomeOf(codes, reply);
  return state === 'missing' ? { state } : { state, run };
}
