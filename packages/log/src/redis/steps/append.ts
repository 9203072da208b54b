import type { AppendCommand, AppendOutcome } from '../../contract/runs.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { behindArguments, type Store } from '../store.ts';

export const codes: Codes<AppendOutcome['kind'] | 'moved'> = {
  1: 'appended',
  2: 'duplicate',
  3: 'gap',
  4: 'fenced',
  5: 'closed',
  6: 'unknown',
  7: 'full',
  8: 'moved',
};

export async function append(
  { writer, keys, limits, publish }: Store,
  session: string,
  { run, attempt, seq, entry, end }: AppendCommand,
): Promise<AppendOutcome> {
  const { meta, log, ended, items, ids, channel, leases } = keys.of(session);
  const args = [
    publish,
    channel,
    limits.retentionMs,
    limits.commandMs,
    limits.sessionBytes,
    run,
    attempt,
    seq,
    entry.nonce,
    entry.body,
    end?.outcome ?? '',
    limits.sessionEntries,
    ...behindArguments(entry),
  ];
  const reply = await writer.run(
    scripts.append,
    [meta, log, ended, leases + run, items, ids],
    args,
  );
  const { name, rest } = outcomeOf(codes, reply);
  if (name === 'appended' || name === 'duplicate') return { kind: name, cancelled: rest[0] === 1 };
  if (name === 'gap') return { kind: name, expected: Number(rest[0]) };
  return { kind: name };
}
