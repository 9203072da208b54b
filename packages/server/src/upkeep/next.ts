import type { NewEntry } from '@holdfast/log';
import type { Message, Position, SendRequest } from '@holdfast/protocol';
import { commit, type Decision, type Write } from '../commands/commit.ts';
import { isWaiting, type QueuedContext, queuedContextOf } from '../commands/queue.ts';
import { type Accepted, acceptedOf } from '../commands/send/accepted.ts';
import { commandOf } from '../commands/send/command.ts';
import { type Draft, draftOf } from '../commands/send/draft.ts';
import { newMessageId } from '../commands/send/message-id.ts';
import { executeLater } from '../commands/send/send.ts';
import { durable } from '../commands/send/sender.ts';
import { acceptedLater } from '../commands/send/unsure.ts';
import type { Core } from '../core.ts';
import { authorOf, presentedAs } from '../rights/authorize.ts';
import { forbiddenWork } from '../rights/still-allowed.ts';
import { beginRun } from '../runs/execute.ts';
import { ownCommand } from '../runs/own-command.ts';
import { extrasOf } from '../runs/run-record.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { noteQueued } from '../telemetry/metrics.ts';
import { inSpan } from '../telemetry/traces.ts';
import type { Handled } from './topic.ts';

/** The send that is next, and the session as it was looked at. */
interface Next {
  readonly body: SendRequest;
  readonly context: QueuedContext;
  readonly draft: Draft;
  readonly position: Position;
  /** Sends that wait behind it. */
  readonly order: readonly string[];
  /** Messages that were merged into it, but for the last one. */
  readonly earlier: readonly Message[];
  readonly by: ReturnType<typeof authorOf>;
  /** When it was queued, in ms since 1970. */
  readonly at: number;
}

/**
 * Starts the run of the send that is next in the queue, unless the session is busy: `left` then, and also when
 * it has started, since more may wait. The log lets one of several processes do it; `again` where others came
 * in between. Rejects with the log's error.
 */
export async function startNext(core: Core, session: string): Promise<Handled> {
  if (core.dispatch) await core.scheduler.remindOfRuns(session);
  return await core.hubs.use(session, async (hub) => {
    const next = await takeNext(core, hub);
    if (typeof next === 'string') return next;
    // Stopped before it began: the next one's turn has come.
    if (next.outcome.run.state !== 'running') return 'again';
    core.hookDelivery?.begin(session);
    await beginRun(core, next);
    return 'left';
  });
}

/** Takes the next send out of the queue: with its run, or for good where it may not begin. */
function takeNext(core: Core, hub: SessionHub): Promise<Accepted | Handled> {
  return commit(core, hub.session, {
    name: 'begin what waits',
    decide: async (): Promise<Decision<Accepted | Handled>> => {
      const next = await lookAtNext(core, hub);
      if (typeof next === 'string') return { answer: next };
      // Another message came by its id in the meantime: it must not take that one's place.
      if (next.draft.refused) return takingOut(core, next);
      if (await core.isStillAllowed(hub.session, next.context.participant))
        return await tracedStart(core, hub, next);
      core.report(forbiddenWork(), { session: hub.session });
      return takingOut(core, next);
    },
  });
}

/** The next send, or how the session is left where none may begin. */
function lookAtNext(core: Core, hub: SessionHub): Promise<Next | Handled> {
  return hub.project(async (projection, position, view) => {
    const [next, ...rest] = projection.queue;
    if (!next) return 'done';
    const context = queuedContextOf(next);
    const isStuck =
      projection.liveRuns.length > 0 ||
      projection.operator !== null ||
      isWaiting(projection, core.isClientTool);
    if (isStuck || !core.scheduler.canRun(context.agent)) return 'left';
    const message = next.messages.at(-1);
    const body: SendRequest = {
      id: hub.session,
      command: next.id,
      trigger: 'submit-message',
      ...(message ? { message } : {}),
      ...extrasOf(context),
    };
    return {
      body,
      context,
      draft: await draftOf(view, body, null, core),
      position,
      order: rest.map(({ id }) => id),
      earlier: next.messages.slice(0, -1),
      by: next.by ?? authorOf(context.participant),
      at: next.at,
    };
  });
}

/** Its start, in the trace of the send that was queued. */
function tracedStart(core: Core, hub: SessionHub, next: Next): Promise<Write<Accepted | Handled>> {
  const { traceparent } = next.context;
  const traced = { attributes: { 'holdfast.session': hub.session }, traceparent };
  return inSpan('dequeue', traced, async () =>
    starting(core, hub, next, await newMessageId(core, hub)),
  );
}

/** Its start, with which it leaves the queue. */
function starting(
  core: Core,
  hub: SessionHub,
  next: Next,
  messageId: string,
): Write<Accepted | Handled> {
  const { environment } = core;
  const { body, context, position, earlier, by } = next;
  const { participant, agent: agentName } = context;
  const agentOf = (name: string) => core.scheduler.agent(name);
  const drafted = {
    ...next.draft,
    body,
    sender: { by, participant, agentName, agentOf, ...durable(context) },
    agentName,
    run: environment.id(),
    messageId,
  };
  const send = commandOf(core, drafted);
  const at = environment.date();
  const merged = earlier.map((message) =>
    newEntry(environment, { k: 'message', message, by: presentedAs(participant), at }),
  );
  const entries = [without(core, next), ...merged, ...send.entries];
  const command = { ...send, if: { noSendSince: position, held: false }, entries };
  return {
    command,
    accepted: async (known) => {
      if (known.run?.run === drafted.run) {
        noteQueued(at - next.at);
        return acceptedOf(core, hub, { ...drafted, command }, known);
      }
      // Another process was first, and has taken it out with that; or it was sent in another way.
      const decide = async () => takingOut(core, next);
      return await commit(core, hub.session, { name: 'change the queue', decide });
    },
    refused: { full: left, held: left, stale: lookAgain, other: lookAgain },
    unsure: () =>
      executeLater(core, hub.session, () => acceptedLater(core, hub, { ...drafted, command })),
  };
}

/** Takes it out, unless anything has changed since it was looked at. */
function takingOut(core: Core, next: Next): Write<Handled> {
  const command = ownCommand('order', core.environment.id());
  const entries = [without(core, next)];
  return {
    command: { command, if: { noSendSince: next.position }, entries },
    accepted: lookAgain,
    refused: { full: left, stale: lookAgain },
  };
}

const left = (): Handled => 'left';
const lookAgain = (): Handled => 'again';

const without = ({ environment }: Core, { order }: Next): NewEntry =>
  newEntry(environment, { k: 'queue', order, at: environment.date() });
