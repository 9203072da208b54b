import { checkDurability } from '@holdfast/log';
import {
  formatPosition,
  HoldfastError,
  type Position,
  type PostedResponse,
  parsePosition,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
} from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import { dispatchRun } from '../../runs/dispatch-run.ts';
import { beginRun } from '../../runs/execute.ts';
import type { Execution } from '../../runs/execution.ts';
import { messageIdOf, runRecordOf } from '../../runs/run-record.ts';
import type { SessionHub } from '../../session/hub.ts';
import { noteSend } from '../../telemetry/metrics.ts';
import { inSpan } from '../../telemetry/traces.ts';
import { commit } from '../commit.ts';
import { regaining } from '../load.ts';
import { type Accepted, isHere, isOurs } from './accepted.ts';
import { admitMessage } from './admit-message.ts';
import { digestOf } from './command.ts';
import { type SendAnswer, SendDecider } from './decide.ts';
import { isForPeople, postMessage } from './post.ts';
import type { Sender } from './sender.ts';
import { policyOf } from './while-busy.ts';

/** A send that the log has: its answer, and the run's end where this process executes it. */
export interface Sent {
  readonly response: SendResponse | QueuedResponse | PostedResponse;
  readonly done: Promise<unknown> | null;
}

/**
 * Takes a send into the log and starts its run. The run goes on when whoever asked for it is gone
 * (HF-HTTP-36). Rejects with `bad_request`, `conflict`, `full`, `too_large` or `unavailable`; then
 * nothing of the send is in the log, or, after `unavailable`, repeating it is safe (HF-HTTP-13).
 */
export async function send(core: Core, body: SendRequest, sender: Sender): Promise<Sent> {
  const { id } = body;
  // First of all, so that a crash right behind it is made up for.
  if (core.dispatch) await core.scheduler.remindOfRuns(id);
  return await core.hubs.use(id, async (hub) => {
    const onUnsure: Sender['onUnsure'] = (known) => executeLater(core, id, known);
    const accepted = await accept(core, hub, body, { ...sender, onUnsure });
    if (!('outcome' in accepted)) {
      if (accepted.state === 'queued') core.scheduler.begin(id);
      else core.hookDelivery?.begin(id);
      return { response: accepted, done: null };
    }
    core.hookDelivery?.begin(id);
    const response = responseOf(body, accepted);
    // The repetition of a send whose first answer was lost on the way is still ours to execute.
    if (isOurs(accepted)) return { response, ...(await begin(core, accepted)) };
    await dispatchAgain(core, id, accepted.outcome.run);
    return { response, done: null };
  });
}

function responseOf({ command }: SendRequest, accepted: Accepted): SendResponse {
  const { outcome, through } = accepted;
  const { run, info, state } = outcome.run;
  return {
    run,
    messageId: messageIdOf(info) ?? accepted.messageId,
    command,
    position: formatPosition({ epoch: outcome.epoch, id: outcome.before }),
    ...(outcome.kind === 'accepted' ? { through } : {}),
    state,
  };
}

/** Hands a run to the workers again whose send is repeated: its job may have been lost. */
async function dispatchAgain(
  core: Core,
  session: string,
  { run, info, state }: Accepted['outcome']['run'],
): Promise<void> {
  const { by, agent } = runRecordOf(info);
  if (state === 'running' && by === 'worker' && agent)
    await dispatchRun(core, { session, run, attempt: 1, agent });
}

/** Begins a run, and resolves with its end where that is in this process. */
type Begin = (core: Core, execution: Execution) => Promise<Pick<Sent, 'done'>>;

/** Begins a run in its participant's name. */
const begin: Begin = async (core, execution) => {
  const leave = core.quotas.hold(execution.participant.id, 'run');
  const begun = await beginRun(core, execution).catch((error: unknown) => {
    leave();
    throw error;
  });
  if (begun) void begun.done.finally(leave);
  else leave();
  return { done: begun?.done ?? null };
};

/**
 * The log may have taken a send of which nobody knows: its sender is told `unavailable`, and its repetition
 * finds a run under way. It is this process's to execute, by `act`, as soon as that is known (HF-RUN-10).
 */
export function executeLater(
  core: Core,
  session: string,
  known: () => Promise<Execution | null>,
  act: Begin = begin,
): void {
  // At once: what is known of the session now is used when the run begins.
  const work = core.hubs.use(session, async () => {
    const accepted = await known();
    if (!accepted) return;
    core.hookDelivery?.begin(session);
    const { done } = await act(core, accepted);
    await done;
  });
  const done = work.catch((error: unknown) => core.report(error, { session }));
  core.runs.add(done);
  void done.finally(() => core.runs.delete(done));
}

/**
 * Writes a send into the log, checked against the session as it is there. Rejects with `bad_request`,
 * `conflict`, `full`, `too_large` or `unavailable`.
 */
export function accept(
  core: Core,
  hub: SessionHub,
  asked: SendRequest,
  sender: Sender,
): Promise<SendAnswer> {
  const since = core.environment.now();
  const note = (outcome: string) => noteSend(outcome, core.environment.now() - since);
  const traced = { attributes: { 'holdfast.session': hub.session }, request: sender.request };
  return inSpan('send', traced, async (span) => {
    try {
      checkDurability(sender.durability, core.log.durability);
      const answer = await takeIn(core, hub, asked, sender);
      const outcome = 'outcome' in answer ? answer.outcome.kind : answer.state;
      span.setAttribute('holdfast.outcome', outcome);
      if ('outcome' in answer) span.setAttribute('holdfast.run', answer.outcome.run.run);
      note(outcome);
      return answer;
    } catch (error) {
      note(HoldfastError.is(error) ? error.code : 'internal');
      throw error;
    }
  });
}

async function takeIn(
  core: Core,
  hub: SessionHub,
  asked: SendRequest,
  sender: Sender,
): Promise<SendAnswer> {
  const { participant, isServer = false } = sender;
  const given = asked.message;
  const message = given && (await admitMessage(core, asked.id, given, participant));
  const body = message ? { ...asked, message } : asked;
  const digest = given && digestOf(core, asked.id, given);
  const base = baseOf(body);
  if (message && !isServer && isForPeople(body, participant)) {
    const posting = { body: { ...body, message }, base, sender, digest };
    const posted = await postMessage(core, hub, posting, false);
    if (posted) return posted;
  }
  const policy = isServer ? 'parallel' : await policyOf(core, body, participant);
  if (policy === 'steer') await sender.permit?.('steer');
  if (!isServer && !hub.isBegun) core.quotas.take(participant.id, 'session');
  const { run, decide } = new SendDecider(core, hub, { body, sender, policy, base, digest });
  const regain = regaining(core, hub, sender);
  const write = () => commit(core, hub.session, { name: 'send', decide, regain });
  return isHere(core, { sender }) ? await hub.awaiting(run, write) : await write();
}

function baseOf({ base }: SendRequest): Position | null {
  if (base === undefined) return null;
  const position = parsePosition(base);
  if (position) return position;
  throw new HoldfastError('bad_request', 'unable to send: `base` is no position');
}
