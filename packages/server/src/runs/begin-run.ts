import { HoldfastError, type Outcome, type SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../contract/agent.ts';
import { type Job, jobVersion } from '../contract/job.ts';
import type { Core } from '../core.ts';
import type { HubShare } from '../session/hubs.ts';
import { carryOut, type Execution, type Sending } from './execute.ts';

/** How long the queue of jobs may take to answer, in ms. */
const retryForMs = 5_000;

/**
 * Has the run of a send executed that the log has: here, or on a worker. Takes over the share. Resolves,
 * once it is under way or a worker is to do it, with how it ends here; null where a worker executes it.
 * Rejects with `unavailable` when it could not be handed to one: repeating the send does it again.
 */
export async function beginRun<UI_MESSAGE extends UIMessage>(
  core: Core,
  share: HubShare,
  body: SendRequest,
  sending: Omit<Sending<UI_MESSAGE>, 'agent'> & { readonly agent: Agent<UI_MESSAGE> | undefined },
  execution: Execution,
): Promise<{ readonly done: Promise<Outcome | null> } | null> {
  const { agent } = sending;
  if (core.dispatch) {
    share.release();
    const { run, attempt } = execution;
    await dispatchRun(core, { session: body.id, run, attempt, agent: sending.agentName });
    return null;
  }
  if (!agent) {
    share.release();
    const { run, attempt } = execution;
    core.attempts.hold({ ...core, session: body.id, run, attempt }).release();
    throw new HoldfastError('internal', `unable to run: there is no agent ${sending.agentName}`);
  }
  return { done: carryOut(core, share, body, { ...sending, agent }, execution) };
}

/**
 * Hands an attempt of a run to the workers; again, where it is not known whether it was. Rejects with
 * `unavailable`.
 */
export async function dispatchRun(
  { dispatch, environment }: Core,
  attempt: Omit<Job, 'v'>,
): Promise<void> {
  const late = async () => {
    await environment.wait(retryForMs);
    throw new Error(`no answer in ${retryForMs} ms`);
  };
  const add = async () => dispatch?.add({ v: jobVersion, ...attempt });
  await Promise.race([add(), late()]).catch((error: unknown) => {
    throw new HoldfastError(
      'unavailable',
      'unable to hand the run to a worker: the queue of jobs did not take it; try again',
      { cause: error, retryMs: 1_000 },
    );
  });
}
