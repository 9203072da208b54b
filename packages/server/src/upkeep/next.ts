import type { NewEntry } from '@holdfast/log';
import type { Position, SendRequest } from '@holdfast/protocol';
import { isWaiting, queuedContextOf } from '../commands/queue.ts';
import { type Accepted, acceptedOf } from '../commands/send/accepted.ts';
import { commandOf } from '../commands/send/command.ts';
import { draftOf } from '../commands/send/draft.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { authorOf, presentedAs } from '../rights/authorize.ts';
import { forbiddenWork } from '../rights/still-allowed.ts';
import { beginRun } from '../runs/execute.ts';
import { ownCommand } from '../runs/own-command.ts';
import { extrasOf } from '../runs/run-record.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import type { Handled } from './topic.ts';

/** How long a start is repeated to the log before it is left to the next look, in ms. */
const retryForMs = 5_000;

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

async function takeNext(core: Core, hub: SessionHub): Promise<Accepted | Handled> {
  const { environment } = core;
  const found = await hub.project(async (projection, position, view) => {
    const [next, ...rest] = projection.queue;
    if (!next) return 'done';
    const context = queuedContextOf(next);
    const isStuck =
      projection.liveRuns.length > 0 || projection.operator !== null || isWaiting(projection);
    if (isStuck || !core.scheduler.canRun(context.agent)) return 'left';
    const message = next.messages.at(-1);
    const body: SendRequest = {
      id: hub.session,
      command: next.id,
      trigger: 'submit-message',
      ...(message ? { message } : {}),
      ...extrasOf(context),
    };
    const draft = await draftOf(view, body, null, core);
    const order = rest.map(({ id }) => id);
    return {
      body,
      context,
      draft,
      position,
      order,
      earlier: next.messages.slice(0, -1),
      by: next.by,
    };
  });
  if (typeof found === 'string') return found;
  if (found.draft.refused) {
    // Another message came by its id in the meantime: it must not take that one's place.
    await drop(core, hub, { position: found.position, entry: without(core, found.order) });
    return 'again';
  }
  const {
    body,
    context,
    draft,
    position,
    order,
    earlier,
    by = authorOf(context.participant),
  } = found;
  if (!(await core.isStillAllowed(hub.session, context.participant))) {
    core.report(forbiddenWork(), { session: hub.session });
    await drop(core, hub, { position, entry: without(core, order) });
    return 'again';
  }
  const drafted = {
    ...draft,
    body,
    sender: {
      by,
      participant: context.participant,
      agentName: context.agent,
      agentOf: (name: string) => core.scheduler.agent(name),
    },
    agentName: context.agent,
    run: environment.id(),
    messageId: environment.id(),
  };
  const send = commandOf(core, drafted);
  const at = environment.date();
  const merged = earlier.map((message) =>
    newEntry(environment, { k: 'message', message, by: presentedAs(context.participant), at }),
  );
  const entries = [without(core, order), ...merged, ...send.entries];
  const command = { ...send, if: { noSendSince: position, held: false }, entries };
  const repeat = () => core.log.send(hub.session, command);
  const outcome = await retryUnavailable(repeat, retryForMs, environment);
  if (outcome.kind === 'refused')
    return outcome.why === 'full' || outcome.why === 'held' ? 'left' : 'again';
  if (outcome.run?.run !== drafted.run) {
    // Another process was first, and has taken it out with that; or it was sent in another way.
    await drop(core, hub, { position: found.position, entry: without(core, found.order) });
    return 'again';
  }
  return acceptedOf(core, hub, { ...drafted, command }, outcome);
}

const without = (core: Core, order: readonly string[]): NewEntry =>
  newEntry(core.environment, { k: 'queue', order, at: core.environment.date() });

/** Takes the next one out, unless anything has changed since it was looked at. */
async function drop(
  { log, environment }: Core,
  { session }: SessionHub,
  { position, entry }: { readonly position: Position; readonly entry: NewEntry },
): Promise<void> {
  const command = ownCommand('order', environment.id());
  await log.send(session, { command, if: { noSendSince: position }, entries: [entry] });
}
