import type { RunState } from '../../contract/runs.ts';
import type { KnownCommand, SendCommand, SendOutcome, SendRefusal } from '../../contract/sends.ts';
import { type Codes, outcomeOf, text, type Value } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { type Argument, newEpoch, type Store } from '../store.ts';

export const codes: Codes<'accepted' | 'duplicate' | 'moved' | SendRefusal> = {
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
  11: 'gone',
};

export async function send(
  store: Store,
  session: string,
  command: SendCommand,
): Promise<SendOutcome> {
  const { meta, log, commands, ended, items, ids, marks, leases } = store.keys.of(session);
  const lease = command.run ? [leases + command.run.run] : [];
  const keys = [meta, log, commands, ended, items, ids, marks, ...lease];
  const reply = await store.commits.run(
    scripts.send,
    keys,
    argumentsOf(store, session, command),
    command.durability,
  );
  return sentOf(reply);
}

function argumentsOf(
  { keys, limits, publish }: Store,
  session: string,
  command: SendCommand,
): readonly Argument[] {
  const { run, digest = '', setHold } = command;
  const { begun = false, noSendSince, idle = false, runLive = '', held } = command.if ?? {};
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
    ...(noSendSince ? [noSendSince.epoch, noSendSince.id] : ['', '']),
    idle ? 1 : 0,
    runLive,
    held === undefined ? '' : Number(held),
    setHold === undefined ? '' : setHold ? 'set' : 'lift',
    behind?.id ?? '',
    run?.kept ?? '',
    begun ? 1 : 0,
    ...command.entries.flatMap(({ nonce, body }) => [nonce, body]),
  ];
}

function sentOf(reply: unknown): SendOutcome {
  const { name, rest } = outcomeOf(codes, reply);
  if (name !== 'accepted' && name !== 'duplicate') return { kind: 'refused', why: name };
  return { kind: name, ...knownOf(rest) };
}

/** A command from epoch, before, run, info and state; the last three are empty when it had no run. */
export function knownOf(values: readonly Value[]): KnownCommand {
  const [epoch = '', before = '', run = '', info = '', state] = values.map(text);
  if (run === '') return { epoch, before };
  return { epoch, before, run: { run, info, state: state as RunState } };
}
