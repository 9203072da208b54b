import type { NewEntry } from '@holdfast/log';
import {
  formatPosition,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
} from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../../contract/agent.ts';
import type { IsClientTool } from '../../contract/client-tools.ts';
import type { Participant, SessionAction } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { authorOf } from '../../rights/authorize.ts';
import { beginRun, dispatchRun } from '../../runs/begin-run.ts';
import { messageIdOf, runRecordOf } from '../../runs/run-record.ts';
import type { SessionHub } from '../../session/hub.ts';
import type { HubShare } from '../../session/hubs.ts';
import { type Accepted, accept } from './accept.ts';

/** Who sends, and who may answer. */
export interface SendOptions<UI_MESSAGE extends UIMessage> {
  readonly request: Request;
  readonly participant: Participant;
  /** Those of this process, by name. */
  readonly agents: ReadonlyMap<string, Agent<UI_MESSAGE>>;
  /** Who answers where nobody is named. */
  readonly agentName: string;
  /** Who may be named; absent where there is nobody else. */
  readonly addressable: readonly string[] | undefined;
  /** Rejects with `forbidden` unless the sender may do that too. */
  readonly permit: (action: SessionAction) => Promise<void>;
  /** Which tools are the clients'. */
  readonly isClientTool: IsClientTool | null;
}

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
export async function send<UI_MESSAGE extends UIMessage>(
  core: Core,
  body: SendRequest,
  options: SendOptions<UI_MESSAGE>,
): Promise<Sent> {
  const { id, command } = body;
  const { participant, agentName, addressable, permit, isClientTool } = options;
  // First of all, so that a crash right behind it is made up for.
  if (core.dispatch) await core.scheduler.remindOfRuns(id);
  const share = await core.hubs.acquire(id);
  let executing = false;
  try {
    const { hub } = share;
    const by = authorOf(participant);
    const onUnsure = (known: () => Promise<Accepted | null>) =>
      executeLater(core, body, options, known);
    const sender = { by, participant, agentName, addressable, permit, isClientTool, onUnsure };
    const accepted = await accept(core, hub, body, sender);
    if (!('outcome' in accepted)) {
      if (accepted.state === 'queued') core.scheduler.begin(id);
      else core.hookDelivery?.begin(id);
      return { response: accepted, done: null };
    }
    const { outcome, through } = accepted;
    const { run, info, state } = outcome.run;
    const response: SendResponse = {
      run,
      messageId: messageIdOf(info) ?? accepted.messageId,
      command,
      position: formatPosition({ epoch: outcome.epoch, id: outcome.before }),
      ...(outcome.kind === 'accepted' ? { through } : {}),
      state,
    };
    core.hookDelivery?.begin(id);
    // The repetition of a send whose first answer was lost on the way is still ours to execute.
    if (run !== accepted.run || state !== 'running') {
      const { by: executor, agent: name } = runRecordOf(info);
      if (state === 'running' && executor === 'worker' && name)
        await dispatchRun(core, { session: id, run, attempt: 1, agent: name });
      return { response, done: null };
    }
    executing = true;
    return { response, ...(await begin(core, share, body, options, accepted)) };
  } finally {
    if (!executing) share.release();
  }
}

/** Has the run of a send executed; takes over the share. Resolves with its end where that is in this process. */
async function begin<UI_MESSAGE extends UIMessage>(
  core: Core,
  share: HubShare,
  body: SendRequest,
  { request, participant, agents }: SendOptions<UI_MESSAGE>,
  accepted: Accepted,
): Promise<Pick<Sent, 'done'>> {
  await cancelTruncated(core, share.hub, body.id, accepted.cancels);
  const { agentName } = accepted;
  const sending = { request, participant, agentName, agent: agents.get(agentName) };
  const leave = core.quotas.enter(participant.id, 'run');
  const begun = await beginRun(core, share, body, sending, accepted).catch((error: unknown) => {
    leave();
    throw error;
  });
  if (begun) void begun.done.finally(leave);
  else leave();
  return { done: begun?.done ?? null };
}

/**
 * The log may have taken a send of which nobody knows: its sender is told `unavailable`, and its repetition
 * finds a run under way. It is this process's to execute, as soon as that is known (HF-RUN-10).
 */
function executeLater<UI_MESSAGE extends UIMessage>(
  core: Core,
  body: SendRequest,
  options: SendOptions<UI_MESSAGE>,
  known: () => Promise<Accepted | null>,
): void {
  const work = async () => {
    // At once: what is known of the session now is used when the run begins.
    const share = await core.hubs.acquire(body.id);
    const accepted = await known().catch((error: unknown) => {
      share.release();
      throw error;
    });
    if (!accepted) return share.release();
    core.hookDelivery?.begin(body.id);
    const { done } = await begin(core, share, body, options, accepted);
    await done;
  };
  const done = work().catch((error: unknown) => core.report(error, { session: body.id }));
  core.runs.add(done);
  void done.finally(() => core.runs.delete(done));
}

/** A run whose message was cut off has nobody to write for. */
async function cancelTruncated(
  core: Core,
  hub: SessionHub,
  session: string,
  runs: readonly string[],
): Promise<void> {
  for (const run of runs) {
    const entry = (id: string): NewEntry => ({
      nonce: core.environment.nonce(),
      body: JSON.stringify({ k: 'cancel', run: id, at: core.environment.date() }),
    });
    await core.log.cancel(session, { target: { run }, entry }).catch((error: unknown) => {
      core.report(error, { session: hub.session, run });
    });
  }
}
