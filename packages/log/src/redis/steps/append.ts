import type { AppendCommand, AppendOutcome } from '../../contract/runs.ts';
import { toFault } from '../faults.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<AppendOutcome['kind'] | 'moved' | 'failed'> = {
  0: 'failed',
  1: 'appended',
  2: 'duplicate',
  3: 'gap',
  4: 'fenced',
  5: 'closed',
  6: 'unknown',
  7: 'full',
  8: 'moved',
};

const appended: AppendOutcome = { kind: 'appended', cancelled: false };

export async function append(
  { appends, keys, writer }: Store,
  session: string,
  { run, attempt, seq, entry, end, durability }: AppendCommand,
): Promise<AppendOutcome> {
  const { nonce, body, behind } = entry;
  const more =
    end || behind ? `${end?.outcome ?? ''} ${behind?.epoch ?? ''} ${behind?.id ?? ''}` : '';
  const args = [run, attempt, seq, nonce, body, more];
  const others = (): readonly string[] => {
    const { log, ended, leases, items, ids } = keys.of(session);
    return [log, ended, leases + run, items, ids];
  };
  const reply = await appends.append(
    { meta: keys.meta(session), others },
    args,
    body.length,
    durability,
  );
  if (reply === 1) return appended;
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'appended' || name === 'duplicate') return { kind: name, cancelled: rest[0] === 1 };
  if (name === 'gap') return { kind: name, expected: Number(rest[0]) };
  if (name === 'failed') {
    const error = Object.assign(new Error(text(rest[0])), { name: 'ReplyError' });
    throw toFault(scripts.append.act, writer.where, error);
  }
  return { kind: name };
}
