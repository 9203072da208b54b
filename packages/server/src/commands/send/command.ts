import { createHash } from 'node:crypto';
import type { NewEntry, SendCommand } from '@holdfast/log';
import type { Entry, Message, SendRequest } from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import { formOf } from '../../files/same.ts';
import { authorOf, presentedAs } from '../../rights/authorize.ts';
import { extrasOf, keptText, recordText } from '../../runs/run-record.ts';
import { newEntry } from '../../session/new-entry.ts';
import { activeTrace } from '../../telemetry/traces.ts';
import type { Draft } from './draft.ts';
import { durable, type Sender } from './sender.ts';

/** A draft with the run that it is to begin. */
export interface DraftedRun extends Draft {
  readonly body: SendRequest;
  readonly sender: Sender;
  readonly run: string;
  /** Of the message that the run writes into. */
  readonly messageId: string;
  readonly agentName: string;
  /** Of the message as its client sent it, whatever the application made of that. */
  readonly digest?: string | undefined;
}

/** The command that writes a send and begins its run, in one step. Throws `too_large`. */
export function commandOf(core: Core, drafted: DraftedRun): SendCommand {
  const { body, sender, expect, digest } = drafted;
  const at = core.environment.date();
  return {
    command: body.command,
    ...(digest === undefined ? {} : { digest }),
    ...durable(sender),
    if: {
      ...(expect ? { noSendSince: expect.position } : {}),
      ...(sender.parent === undefined ? {} : { runLive: sender.parent }),
    },
    entries: [...sentEntries(core, drafted, at), startEntry(core, drafted, at)],
    run: runOf(core, drafted, at),
  };
}

/** The entries that the send says, in its order: what it cuts off, what it settles, its message, its answers. */
function sentEntries(
  { environment }: Core,
  { body: { message }, sender, ...draft }: DraftedRun,
  at: number,
): readonly NewEntry[] {
  const { participant, by = authorOf(participant) } = sender;
  const { after, continues, answers, settlements } = draft;
  const entries: Entry[] = [];
  if (after !== undefined) entries.push({ k: 'truncate', after, by, at });
  for (const { messageId, chunks } of settlements)
    entries.push({ k: 'answer', messageId, chunks, at });
  if (message) entries.push({ k: 'message', message, by: presentedAs(participant), at });
  if (answers.length > 0 && continues)
    entries.push({ k: 'answer', messageId: continues, chunks: answers, by, at });
  return entries.map((entry) => newEntry(environment, entry));
}

function startEntry({ environment }: Core, drafted: DraftedRun, at: number): NewEntry {
  const { body, continues, sender, run, messageId, agentName: agent } = drafted;
  const { command } = body;
  const goesOn = continues === undefined ? {} : { continues: true as const };
  const child = sender.parent === undefined ? {} : { parent: sender.parent };
  const started = { run, attempt: 1, agent, messageId, command, ...goesOn, ...child };
  return newEntry(environment, { k: 'run-start', ...started, ...activeTrace(), at });
}

function runOf(
  { environment, limits, onLost, dispatch }: Core,
  { body, sender, run, messageId, agentName: agent }: DraftedRun,
  at: number,
): NonNullable<SendCommand['run']> {
  const { command, trigger } = body;
  const { participant, parent, adopted, isServer = false } = sender;
  const child = parent === undefined ? {} : { parent };
  const retry = { participant, trigger, ...extrasOf(body), ...child };
  const isDispatched = dispatch !== null && !isServer;
  const isKept = !adopted && (isDispatched || onLost !== 'fail');
  const record = { messageId, agent, command, ...activeTrace(), ...durable(sender) };
  const executor = adopted ? { by: 'engine' as const } : isDispatched && { by: 'worker' as const };
  const stopped = { run, attempt: 1, outcome: 'stopped' as const, messageId, at };
  return {
    run,
    info: recordText({ ...record, ...executor }),
    ...(isKept ? { kept: keptText(retry, limits.keptBytes) } : {}),
    leaseMs: adopted?.leaseMs ?? (isDispatched ? limits.dispatchMs : limits.leaseMs),
    stopped: newEntry(environment, { k: 'run-end', ...stopped }),
  };
}

export const digestOf = (
  { limits }: Pick<Core, 'limits'>,
  session: string,
  message: Message,
): string =>
  createHash('sha256')
    .update(formOf(session, message, limits.inlineBytes))
    .digest('base64url')
    .slice(0, 16);
