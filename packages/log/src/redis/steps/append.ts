import type { AppendCommand, AppendOutcome } from '../../contract/runs.ts';
import { replyError, toFault } from '../faults.ts';
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

/** Rejects as `Commits.run` does, and with what the script failed with. */
export const append = (
  { appends, writer }: Store,
  session: string,
  command: AppendCommand,
): Promise<AppendOutcome> =>
  appends
    .append(session, command)
    .then((reply) => (reply === 1 ? appended : outcomeIn(reply, writer.where)));

function outcomeIn(reply: unknown, where: string): AppendOutcome {
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'appended' || name === 'duplicate') return { kind: name, cancelled: rest[0] === 1 };
  if (name === 'gap') return { kind: name, expected: Number(rest[0]) };
  if (name === 'failed') throw toFault(scripts.append.act, where, replyError(text(rest[0])));
  return { kind: name };
}
