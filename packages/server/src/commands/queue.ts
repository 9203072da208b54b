import { idBehind, type NewEntry } from '@holdfast/log';
import {
  formatPosition,
  HoldfastError,
  isRecord,
  type Message,
  type QueuedResponse,
  type QueuedSend,
  type QueueEntry,
  type Queueing,
  type QueueResponse,
  queueEntry,
  reordered,
  type SendRequest,
  type SteerEntry,
  shownInQueue,
  type WhileBusy,
} from '@holdfast/protocol';
import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { overLimit } from '../over-limit.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { ownCommand } from '../runs/own-command.ts';
import { type Extras, extrasOf, keptText } from '../runs/run-record.ts';
import type { SessionHub } from '../session/hub.ts';
import type { Sender } from './send/command.ts';
import { outcomeOf, steerable } from './steer.ts';

/** Context that a queued send keeps for whoever starts its run: the `hidden` of its entry, which clients never get. */
export interface QueuedContext extends Extras {
  readonly agent: string;
  readonly participant: Participant;
}

/** How long a write is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often it is tried again when others keep coming in between. */
const tries = 5;
/** What is kept of a run besides. */
const more = { trigger: 'submit-message' } as const;
/** A queue fits into one entry, and into the state of a checkpoint, encrypted too. */
const share = 2;

export const isQueueing = (policy: WhileBusy): policy is Queueing =>
  policy === 'queue' || policy === 'merge' || policy === 'latest' || policy === 'steer';

/** Whether somebody has to answer before the conversation goes on. */
export function isWaiting({ last, liveRuns }: SessionProjection): boolean {
  if (liveRuns.length > 0 || last?.kind !== 'assistant') return false;
  return callsOf(chunksOfItem(last)).open.size > 0;
}

/** Whether a send has others in front of it: a run, or sends that were queued before it. */
export const isBusy = (projection: SessionProjection): boolean =>
  projection.liveRuns.length > 0 || (projection.queue.length > 0 && !isWaiting(projection));

/** Context that is kept with a queued send. Credentials are not: only who it was. */
export const queuedContextOf = (send: QueuedSend): QueuedContext => {
  const { hidden } = send;
  return isRecord(hidden) && isRecord(hidden.participant) && typeof hidden.agent === 'string'
    ? (hidden as unknown as QueuedContext)
    : { agent: 'agent', participant: { id: send.by?.id ?? 'unknown' } };
};

export const noteOf = (core: Core, entry: QueueEntry | SteerEntry): NewEntry => ({
  nonce: core.environment.nonce(),
  body: JSON.stringify(entry),
});

/** What queueing a send came to; `taken`: the log knows the command as a send that was accepted. */
export type Queued = QueuedResponse | 'idle' | 'taken';

/**
 * Queues a send when the session is busy (HF-HTTP-22). Rejects with `limit`, `conflict`, `full` or
 * `unavailable`; nothing is queued then.
 */
export async function enqueue(
  core: Core,
  hub: SessionHub,
  body: SendRequest & { readonly message: Message },
  queueing: Queueing,
  { by, permit }: Pick<Sender, 'by' | 'permit'>,
  context: QueuedContext,
): Promise<Queued> {
  const { command, message, id: session } = body;
  const { environment, limits } = core;
  const id = command;
  const write = (send: Parameters<Core['log']['send']>[1]) =>
    retryUnavailable(() => core.log.send(session, send), retryForMs, environment);
  const look = (accepted: string) =>
    retryUnavailable(() => core.log.command(session, accepted), retryForMs, environment);
  /** Whether the session was looked at since the log said that it had been queued. */
  let wasQueued = false;
  for (let left = tries; left > 0; left--) {
    const { isFree, queue, position, known, isTaken, run } = await hub.project(
      async (projection, at, view) => ({
        isFree: !isBusy(projection),
        queue: projection.queue,
        position: at,
        known: projection.queue.find(({ messages }) =>
          messages.some((each) => each.id === message.id),
        ),
        isTaken: projection.item(message.id) !== undefined || (await view.hasOlder(message.id)),
        run: queueing === 'steer' ? steerable(projection) : undefined,
      }),
    );
    if (known) return { state: 'queued', command: known.id, position: formatPosition(position) };
    const queued = await look(ownCommand('queue', command));
    if (isFree && !queued) return 'idle';
    if (await look(command)) return 'taken';
    if (queued) {
      const { state } = await outcomeOf(hub, message.id);
      if (state === 'consumed')
        return { state: 'queued', command, position: formatPosition(position) };
      // Another process may have queued it, or begun its run, since the session was looked at.
      if (wasQueued) throw gone();
      wasQueued = true;
      continue;
    }
    if (isTaken) throw takenId();
    if (queue.length >= limits.queueMessages) throw tooMany(limits.queueMessages);
    const hidden: QueuedContext = { ...context, ...extrasOf(body) };
    // As much as its run will keep, so that none waits that could never start.
    keptText({ ...hidden, ...more }, limits.keptBytes);
    // The one that takes the place of all takes those of others out (HF-AUTH-2).
    if (queueing === 'latest' && queue.some((each) => each.by?.id !== by.id))
      await permit?.('queue');
    const at = environment.date();
    const meant = run === undefined ? {} : { run };
    const send: QueuedSend = { id, messages: [message], by, at, ...meant, hidden };
    const entry = queueEntry(queue, send, queueing);
    const bytes = Buffer.byteLength(JSON.stringify([queue, entry]));
    if (
      bytes > limits.entryBytes / share ||
      (entry.add?.messages.length ?? 0) > limits.queueMessages
    )
      throw tooMany(limits.queueMessages);
    await core.scheduler.remind(session);
    const note = noteOf(core, entry);
    const steer = run !== undefined && noteOf(core, { k: 'steer', run, message, by, at });
    const outcome = await write({
      command: ownCommand('queue', command),
      if: { noSendSince: position, ...(steer ? { runLive: run } : {}) },
      entries: steer ? [note, steer] : [note],
    });
    if (outcome.kind === 'refused' && outcome.why === 'full')
      throw new HoldfastError(
        'full',
        'unable to queue: the session has reached its size limit; start a new session',
      );
    if (outcome.kind === 'accepted') {
      const written = idBehind(outcome.before, note.nonce);
      return {
        state: 'queued',
        command: entry.add?.id ?? id,
        position: formatPosition({ epoch: outcome.epoch, id: written }),
      };
    }
  }
  throw contended('queue');
}

/** Changes the order of the queue, or takes sends out of it. Rejects as `unavailable`. */
export async function arrange(
  core: Core,
  session: string,
  wish: { readonly order?: readonly string[]; readonly remove?: readonly string[] },
): Promise<QueueResponse> {
  const share = await core.hubs.acquire(session);
  try {
    for (let left = tries; left > 0; left--) {
      const { queue, position } = await share.hub.project((projection, at) => ({
        queue: projection.queue,
        position: at,
      }));
      const order = reordered(queue, wish);
      const left = order.flatMap((id) => queue.find((each) => each.id === id) ?? []);
      if (order.length === queue.length && order.every((id, place) => id === queue[place]?.id))
        return { queue: left.map(shownInQueue) };
      const entry: QueueEntry = { k: 'queue', order, at: core.environment.date() };
      const outcome = await core.log.send(session, {
        command: ownCommand('order', core.environment.id()),
        if: { noSendSince: position },
        entries: [noteOf(core, entry)],
      });
      if (outcome.kind === 'accepted') return { queue: left.map(shownInQueue) };
    }
    throw contended('change the queue');
  } finally {
    share.release();
  }
}

const tooMany = (most: number): HoldfastError =>
  overLimit(
    'queueMessages',
    'limit',
    `unable to queue: ${most} messages, or as many bytes as fit, wait already; try again later`,
  );

const takenId = (): HoldfastError =>
  new HoldfastError(
    'conflict',
    'unable to queue: the session has another message with this id; give the message a new one',
  );

const gone = (): HoldfastError =>
  new HoldfastError(
    'conflict',
    'unable to send: the message was in the queue and was taken out; give it a new id to send it again',
  );

/** Nothing is wrong with what was asked for: clients repeat it by themselves. */
const contended = (what: string): HoldfastError =>
  new HoldfastError('unavailable', `unable to ${what}: others keep coming in between; try again`, {
    retryMs: 1_000,
  });
