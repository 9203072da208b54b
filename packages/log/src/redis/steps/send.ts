import type { Outcome } from '@holdfast/protocol';
import { checkSend } from '../../check.ts';
import type { SendCommand, SendOutcome } from '../../contract/runs.ts';
import { type Codes, outcomeOf, text } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { type Argument, newEpoch, type Store } from '../store.ts';

export const codes: Codes<SendOutcome['kind'] | 'moved'> = {
  1: 'accepted',
  2: 'duplicate',
  3: 'full',
  4: 'stale',
  5: 'other',
  6: 'busy',
  7: 'ended',
  8: 'held',
  9: 'free',
  10: 'moved',
};

export async function send(
  store: Store,
  session: string,
  command: SendCommand,
): Promise<SendOutcome> {
  checkSend(command, store.limits.entryBytes);
  const { meta, log, commands, ended, items, ids, marks, leases } = store.keys.of(session);
  const lease = command.run ? [leases + command.run.run] : [];
  const keys = [meta, log, commands, ended, items, ids, marks, ...lease];
  const reply = await store.writer.run(scripts.send, keys, argumentsOf(store, session, command));
  return sentOf(reply);
}

function argumentsOf(
  { keys, limits, publish }: Store,
  session: string,
  command: SendCommand,
): readonly Argument[] {
  const { run, digest = '', expect, alone = false, during = '', held, hold = '' } = command;
  const behind = command.entries[0]?.behind;
  return [
    publish,
    keys.of(session).channel,
    limits.retentionMs,
    limits.commandMs,
    limits.sessionBytes,
    behind?.epoch ?? newEpoch(),
    command.command,
    ...(run
      ? [run.run, run.info, run.leaseMs, run.stopped.nonce, run.stopped.body]
      : ['', '', 0, 0, '']),
    limits.sessionEntries,
    digest,
    ...(expect ? [expect.epoch, expect.id] : ['', '']),
    alone ? 1 : 0,
    during,
    held === undefined ? '' : Number(held),
    hold,
    behind?.id ?? '',
    run?.kept ?? '',
    ...command.entries.flatMap(({ nonce, body }) => [nonce, body]),
  ];
}

function sentOf(reply: unknown): SendOutcome {
  const { name, rest } = outcomeOf(codes, reply);
  if (name !== 'accepted' && name !== 'duplicate') return { kind: name };
  const [epoch, before, run, info, state] = rest.map(text) as [
    string,
    string,
    string,
    string,
    'running' | Outcome,
  ];
  return run === ''
    ? { kind: name, epoch, before }
    : { kind: name, epoch, before, run: { run, info, state } };
}
