import type { NewEntry } from '@holdfast/log';
import {
  formatPosition,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
} from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { authorOf } from '../authorize.ts';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { accept } from './accept.ts';
import { carryOut, type Sending } from './execute.ts';
import { messageIdOf } from './run-info.ts';

/** A send that the log has: its answer, and the run's end where this process executes it. */
export interface Sent {
  readonly response: SendResponse | QueuedResponse | PostedResponse;
  readonly done: Promise<unknown> | null;
}

/**
 * Takes a send into the log and starts its run. The run goes on when whoever asked for it is gone
 * (HF-HTTP-5). Rejects with `bad_request`, `conflict`, `full`, `too_large` or `unavailable`; then
 * nothing of the send is in the log, or, after `unavailable`, repeating it is safe (HF-HTTP-1).
 */
export async function send<UI_MESSAGE extends UIMessage>(
  core: Core,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
): Promise<Sent> {
  const { id, command } = body;
  const share = await core.hubs.acquire(id);
  let executing = false;
  try {
    const { hub } = share;
    const by = authorOf(sending.participant);
    const accepted = await accept(core, hub, body, {
      by,
      participant: sending.participant,
      agentName: sending.agentName,
    });
    if (!('outcome' in accepted)) {
      if (accepted.state === 'queued') core.dispatcher.begin(id);
      else core.handover?.begin(id);
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
    core.handover?.begin(id);
    // The repetition of a send whose first answer was lost on the way is still ours to execute.
    if (run !== accepted.run || state !== 'running') return { response, done: null };
    await cancelTruncated(core, hub, id, accepted.cancels);
    executing = true;
    return { response, done: carryOut(core, share, body, sending, accepted) };
  } finally {
    if (!executing) share.release();
  }
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
      body: JSON.stringify({ k: 'cancel', run: id, at: core.environment.now() }),
    });
    await core.log.cancel(session, { target: { run }, entry }).catch((error: unknown) => {
      core.report(error, { session: hub.session, run });
    });
  }
}
