import { idBehind } from '@holdfast/log';
import {
  formatPosition,
  type HoldfastError,
  type Message,
  type Position,
  type QueuedResponse,
  type QueuedSend,
  type QueueEntry,
  type Queueing,
  queueEntry,
  type SendRequest,
  type WhileBusy,
} from '@holdfast/protocol';
import { conflict } from '../../conflict.ts';
import type { Core } from '../../core.ts';
import { overLimit } from '../../over-limit.ts';
import { authorOf } from '../../rights/authorize.ts';
import { ownCommand } from '../../runs/own-command.ts';
import { extrasOf, keptText } from '../../runs/run-record.ts';
import type { SessionHub } from '../../session/hub.ts';
import { newEntry } from '../../session/new-entry.ts';
import { isSameContent, isSameText } from '../../session/words.ts';
import { activeTrace } from '../../telemetry/traces.ts';
import { again, commit, isKnown, type Write } from '../commit.ts';
import { regaining } from '../load.ts';
import { isBusy, type QueuedContext } from '../queue.ts';
import { outcomeOf, steerable } from '../steer.ts';
import { durable, type Sender } from './sender.ts';

/** Members that are kept of a run besides. */
const more = { trigger: 'submit-message' } as const;
/** A queue fits into one entry, and into the state of a checkpoint, encrypted too. */
const share = 2;

export const isQueueing = (policy: WhileBusy): policy is Queueing =>
  policy === 'queue' || policy === 'merge' || policy === 'latest' || policy === 'steer';

/** A send that waits where the session is busy. */
export interface Waiting {
  readonly body: SendRequest & { readonly message: Message };
  readonly queueing: Queueing;
  readonly context: QueuedContext;
  readonly sender: Pick<Sender, 'by' | 'participant' | 'permit' | 'isClientTool'>;
}

/** The outcome of queueing a send; `taken`: the log knows the command as a send that was accepted. */
export type Queued = QueuedResponse | 'idle' | 'taken';

/**
 * Queues a send when the session is busy (HF-HTTP-22). Rejects with `limit`, `conflict`, and as `commit` does;
 * nothing is queued then.
 */
export async function enqueue(core: Core, hub: SessionHub, waiting: Waiting): Promise<Queued> {
  const { id: session, command, message } = waiting.body;
  const repeats = durable(waiting.context);
  /** True when the session was looked at since the log said that it had been queued. */
  let wasQueued = false;
  /** True when it was looked at since the log did not know the command of a message that was there. */
  let wasTaken = false;
  return await commit<Queued>(core, session, {
    name: 'queue',
    regain: regaining(core, hub, waiting.sender),
    decide: async () => {
      const { isFree, isTaken, known, ...standing } = await lookAt(core, hub, waiting);
      const { position } = standing;
      if (known) {
        if (!isSame(core, waiting.body, known.stored)) throw reworded();
        return { answer: queuedAt(known.id, position), repeats };
      }
      const isQueued = await isKnown(core, session, ownCommand('queue', command));
      if (isFree && !isQueued) return { answer: 'idle' };
      if (await isKnown(core, session, command)) return { answer: 'taken' };
      if (isQueued && isTaken)
        return { answer: queuedAt(await turnOf(hub, message.id, command), position), repeats };
      if (isQueued) {
        const { state } = await outcomeOf(core, hub, message.id);
        if (state === 'consumed') return { answer: queuedAt(command, position), repeats };
        // Another process may have queued it, or begun its run, since the session was looked at.
        if (wasQueued) throw gone();
        wasQueued = true;
        return again;
      }
      if (isTaken) {
        // A failover may have taken it between the look and the question, with the command that wrote it.
        if (wasTaken) throw takenId();
        wasTaken = true;
        return again;
      }
      return await toQueue(core, waiting, standing);
    },
  });
}

/** A session as a send finds it that may have to wait. */
interface Standing {
  readonly queue: readonly QueuedSend[];
  readonly position: Position;
  /** The run that is to be given the message. */
  readonly run: string | undefined;
}

const lookAt = (
  core: Core,
  hub: SessionHub,
  { body: { message }, queueing, sender: { isClientTool = core.isClientTool } }: Waiting,
) =>
  hub.project(async (projection, position, view) => ({
    isFree: !isBusy(projection, isClientTool),
    isTaken: projection.item(message.id) !== undefined || (await view.hasOlder(message.id)),
    known: waitingAs(projection.queue, message.id),
    queue: projection.queue,
    position,
    run: queueing === 'steer' ? steerable(projection) : undefined,
  }));

/** The send that a message waits in, with the message as it waits. */
function waitingAs(
  queue: readonly QueuedSend[],
  messageId: string,
): { readonly id: string; readonly stored: Message } | undefined {
  for (const { id, messages } of queue) {
    const stored = messages.find((each) => each.id === messageId);
    if (stored) return { id, stored };
  }
  return undefined;
}

/** True for a repetition. The application's gate may have put files elsewhere this time: what can be told is the text. */
const isSame = (
  { acceptMessage }: Core,
  { id, message }: SendRequest & { readonly message: Message },
  stored: Message,
): boolean => (acceptMessage ? isSameText(stored, message) : isSameContent(id, stored, message));

/** Puts it into the queue, and before the run that is to be given it, in one step. */
async function toQueue(
  core: Core,
  waiting: Waiting,
  { queue, position, run }: Standing,
): Promise<Write<Queued>> {
  const { environment, limits } = core;
  const { body, queueing, context, sender } = waiting;
  const { id: session, command, message } = body;
  const { participant, by = authorOf(participant) } = sender;
  if (queue.length >= limits.queueMessages) throw tooMany(limits.queueMessages);
  const hidden: QueuedContext = { ...context, ...extrasOf(body), ...activeTrace() };
  // As much as its run will keep, so that none waits that could never start.
  keptText({ ...hidden, ...more }, limits.keptBytes);
  // The one that takes the place of all takes those of others out (HF-AUTH-2).
  if (queueing === 'latest' && queue.some((each) => each.by?.id !== by.id))
    await sender.permit?.('queue');
  const at = environment.date();
  const meant = run === undefined ? {} : { run };
  const send: QueuedSend = { id: command, messages: [message], by, at, ...meant, hidden };
  const entry = queueEntry(queue, send, queueing);
  checkRoom(queue, entry, limits);
  await core.scheduler.remind(session);
  const note = newEntry(environment, entry);
  const steer = run && newEntry(environment, { k: 'steer', run, message, by, at });
  return {
    command: {
      command: ownCommand('queue', command),
      ...durable(context),
      if: { noSendSince: position, ...(steer ? { runLive: run } : {}) },
      entries: steer ? [note, steer] : [note],
    },
    accepted: ({ kind, epoch, before }) =>
      kind === 'accepted'
        ? queuedAt(entry.add?.id ?? command, { epoch, id: idBehind(before, note.nonce) })
        : again,
  };
}

const queuedAt = (command: string, position: Position): QueuedResponse => ({
  state: 'queued',
  command,
  position: formatPosition(position),
});

/**
 * The command whose run answers a message that was merged with others, and has had its turn with them; its own where
 * that is not known any more.
 */
const turnOf = (hub: SessionHub, messageId: string, command: string): Promise<string> =>
  hub.project((projection) => {
    const items = [...projection.items];
    const at = items.findIndex(({ id }) => id === messageId);
    const reply = items.find(({ kind }, place) => kind === 'assistant' && at >= 0 && place > at);
    return (reply && projection.runsOf(reply.id)[0]?.command) ?? command;
  });

function checkRoom(
  queue: readonly QueuedSend[],
  entry: QueueEntry,
  { entryBytes, queueMessages }: Core['limits'],
): void {
  const bytes = Buffer.byteLength(JSON.stringify([queue, entry]));
  if (bytes > entryBytes / share || (entry.add?.messages.length ?? 0) > queueMessages)
    throw tooMany(queueMessages);
}

const tooMany = (most: number): HoldfastError =>
  overLimit(
    'queueMessages',
    'limit',
    `unable to queue: ${most} messages, or as many bytes as fit, wait already; try again later`,
  );

const takenId = (): HoldfastError =>
  conflict(
    'taken',
    'queue: the session has another message with this id; give the message a new one',
  );

const reworded = (): HoldfastError =>
  conflict(
    'taken',
    'send: the message waits in the queue in other words; take it out there, and send these under a new id',
  );

const gone = (): HoldfastError =>
  conflict(
    'removed',
    'send: the message was in the queue and was taken out; give it a new id to send it again',
  );
