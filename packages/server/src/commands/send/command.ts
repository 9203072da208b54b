import { createHash } from 'node:crypto';
import type { NewEntry, SendCommand, SendOutcome, SendRefusal } from '@holdfast/log';
import { type Entry, HoldfastError, type Message, type SendRequest } from '@holdfast/protocol';
import type { IsClientTool } from '../../contract/client-tools.ts';
import type { Participant, SessionAction } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { overLimit } from '../../over-limit.ts';
import { presentedAs } from '../../rights/authorize.ts';
import { checkAnswerSize } from '../../runs/chunk-size.ts';
import { extrasOf, keptText, type RunRecord, recordText } from '../../runs/run-record.ts';
import type { Accepted } from './accept.ts';
import type { Draft } from './draft.ts';

export interface Sender {
  readonly by: { readonly id: string; readonly role: 'user' | 'agent' | 'operator' };
  readonly participant: Participant;
  /** Who answers where nobody is named. */
  readonly agentName: string;
  /** Who may be named; absent where there is nobody else. */
  readonly addressable?: readonly string[] | undefined;
  /** The run on whose behalf another one is started. */
  readonly parent?: string;
  /** The run is one of an engine's: its id, and how long it may be nobody's, in ms. */
  readonly adopted?: { readonly run: string; readonly leaseMs: number };
  /** Rejects with `forbidden` unless the sender may do that too; absent for the server. */
  readonly permit?: (action: SessionAction) => Promise<void>;
  /** The server asks by itself: it settles no calls, and an operator who answers does not keep it away. */
  readonly isServer?: boolean;
  /** Which tools are the clients', where the route says so. */
  readonly isClientTool?: IsClientTool | null;
  /** Called when it is not known whether the log has the send, with what asks for that until it is. */
  readonly onUnsure?: (known: () => Promise<Accepted | null>) => void;
  /** Of the message as its client sent it, whatever the application made of that. */
  readonly digest?: string;
}

export type AcceptedSend = Exclude<SendOutcome, { readonly kind: 'refused' }>;

/** What the log has; rejects with what became of the send otherwise. */
export function acceptedSend(outcome: SendOutcome, draft: Draft): AcceptedSend {
  if (outcome.kind !== 'refused') return outcome;
  throw refusedError(outcome.why, draft);
}

function refusedError(why: SendRefusal, { refused }: Draft): HoldfastError {
  if (why === 'full')
    return overLimit('sessionBytes', 'full', 'unable to send: this chat is full; start a new one');
  if (why === 'ended')
    return new HoldfastError(
      'conflict',
      'unable to run: the parent run has ended; a child needs one that is live',
    );
  if (why === 'busy')
    return new HoldfastError(
      'busy',
      'unable to send: an answer is being written; wait for its end or stop it, and send again',
    );
  if (why === 'other' || (why === 'stale' && refused === 'taken'))
    return new HoldfastError(
      'conflict',
      'unable to send: the session has another message with this id; give the message a new one',
    );
  if (why === 'stale' && refused === 'foreign')
    return new HoldfastError(
      'forbidden',
      'unable to send: the message is another author’s; only its author may change it',
    );
  if (why === 'stale' && refused === 'crowded')
    return new HoldfastError(
      'limit',
      'unable to send: too many answers are being written at the same time; wait for one or stop it, and send again',
    );
  if (why === 'stale' && refused === 'unanswered')
    return new HoldfastError(
      'conflict',
      'unable to send: calls of the message wait for answers; give those first',
    );
  if (why === 'stale' && refused === 'settled')
    return new HoldfastError(
      'conflict',
      'unable to send: the calls were settled before; the session shows how',
    );
  return new HoldfastError(
    'conflict',
    'unable to send: another message came in between; look at the session and try again',
  );
}

export function commandOf(
  { environment, limits, onLost, dispatch }: Core,
  { command, message, trigger, metadata, body }: SendRequest,
  { after, continues, answers, settlements, expect }: Draft,
  { by, agentName: agent, parent, participant, isServer = false, adopted, digest }: Sender,
  { run, messageId }: { readonly run: string; readonly messageId: string },
): SendCommand {
  const at = environment.date();
  const note = (entry: Entry): NewEntry => ({
    nonce: environment.nonce(),
    body: JSON.stringify(entry),
  });
  const entries: NewEntry[] = [];
  if (after !== undefined) entries.push(note({ k: 'truncate', after, by, at }));
  for (const { messageId: settled, chunks } of settlements)
    entries.push(note({ k: 'answer', messageId: settled, chunks, at }));
  if (message) entries.push(note({ k: 'message', message, by: presentedAs(participant), at }));
  if (answers.length > 0) checkAnswerSize(answers, limits.entryBytes);
  if (answers.length > 0 && continues)
    entries.push(note({ k: 'answer', messageId: continues, chunks: answers, by, at }));
  const goesOn = continues === undefined ? {} : { continues: true as const };
  const child = parent === undefined ? {} : { parent };
  const retry = {
    participant,
    trigger,
    ...extrasOf({ metadata, body }),
    ...child,
  };
  const isDispatched = dispatch !== null && !isServer;
  const isKept = !adopted && (isDispatched || onLost !== 'fail');
  const executor: Partial<RunRecord> = adopted
    ? { by: 'engine' }
    : isDispatched
      ? { by: 'worker' }
      : {};
  const started = { run, attempt: 1, agent, messageId, command, ...goesOn, ...child, at };
  entries.push(note({ k: 'run-start', ...started }));
  return {
    command,
    ...(digest === undefined ? {} : { digest }),
    if: {
      ...(expect ? { noSendSince: expect.position } : {}),
      ...(parent === undefined ? {} : { runLive: parent }),
    },
    entries,
    run: {
      run,
      info: recordText({ messageId, agent, command, ...executor }),
      ...(isKept ? { kept: keptText(retry, limits.keptBytes) } : {}),
      leaseMs: adopted?.leaseMs ?? (isDispatched ? limits.dispatchMs : limits.leaseMs),
      stopped: note({ k: 'run-end', run, attempt: 1, outcome: 'stopped', messageId, at }),
    },
  };
}

export const digestOf = (message: Message): string =>
  createHash('sha256').update(JSON.stringify(message)).digest('base64url').slice(0, 16);
