import type { Durability } from '@holdfast/log';
import {
  isRecord,
  type QueuedSend,
  type QueueResponse,
  reordered,
  shownInQueue,
} from '@holdfast/protocol';
import {
  callKey,
  callsOf,
  chunksOfItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';
import type { IsClientTool } from '../contract/client-tools.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { ownCommand } from '../runs/own-command.ts';
import type { Extras } from '../runs/run-record.ts';
import { newEntry } from '../session/new-entry.ts';
import { answerability } from './client-tools.ts';
import { commit } from './commit.ts';

/** Context that a queued send keeps for whoever starts its run: the `hidden` of its entry, which clients never get. */
export interface QueuedContext extends Extras {
  readonly agent: string;
  readonly participant: Participant;
  /** W3C trace context of the send; absent where nobody traced it. */
  readonly traceparent?: string;
  /** As in `Sender`. */
  readonly durability?: Durability;
}

const approvals = callKey('approval', '');

/**
 * True when somebody has to answer before the conversation goes on. Of what a run has left open that came to no good
 * end, those are approvals, and calls of tools that are known to be the clients': nobody says what any other one gave.
 */
export function isWaiting(
  projection: SessionProjection,
  isClientTool: IsClientTool | null,
): boolean {
  const { last, liveRuns } = projection;
  if (liveRuns.length > 0 || last?.kind !== 'assistant') return false;
  const { open, unanswered } = callsOf(chunksOfItem(last));
  const { state = 'finished' } = projection.runsOf(last.id).at(-1) ?? {};
  if (state === 'finished') return open.size > 0;
  const mayAnswer = answerability(projection, last, isClientTool);
  const isClients = (key: string): boolean => isClientTool !== null && mayAnswer(key) === 'now';
  return [...unanswered].some((key) => key.startsWith(approvals) || isClients(key));
}

/**
 * True when a send has others in front of it: a run, or sends that were queued before it. None while an operator
 * answers, who is to be told of it at once (HF-HTTP-34).
 */
export const isBusy = (projection: SessionProjection, isClientTool: IsClientTool | null): boolean =>
  projection.operator === null &&
  (projection.liveRuns.length > 0 ||
    (projection.queue.length > 0 && !isWaiting(projection, isClientTool)));

/** Context that is kept with a queued send. Credentials are not: only who it was. */
export const queuedContextOf = (send: QueuedSend): QueuedContext => {
  const { hidden } = send;
  return isRecord(hidden) && isRecord(hidden.participant) && typeof hidden.agent === 'string'
    ? (hidden as unknown as QueuedContext)
    : { agent: 'agent', participant: { id: send.by?.id ?? 'unknown' } };
};

/** Changes the order of the queue, or takes sends out of it. Rejects as {@link commit} does. */
export async function arrange(
  core: Core,
  session: string,
  wish: { readonly order?: readonly string[]; readonly remove?: readonly string[] },
): Promise<QueueResponse> {
  const { environment } = core;
  return await core.hubs.use(session, (hub) =>
    commit(core, session, {
      name: 'change the queue',
      decide: async () => {
        const { queue, position } = await hub.project((projection, at) => ({
          queue: projection.queue,
          position: at,
        }));
        const order = reordered(queue, wish);
        const left = order.flatMap((id) => queue.find((each) => each.id === id) ?? []);
        const answer = { queue: left.map(shownInQueue) };
        if (order.length === queue.length && order.every((id, place) => id === queue[place]?.id))
          return { answer, repeats: {} };
        const entry = { k: 'queue' as const, order, at: environment.date() };
        return {
          command: {
            command: ownCommand('order', environment.id()),
            if: { noSendSince: position },
            entries: [newEntry(environment, entry)],
          },
          accepted: () => answer,
        };
      },
    }),
  );
}
