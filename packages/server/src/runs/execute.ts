import type { Outcome } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import { noteRun } from '../telemetry/metrics.ts';
import { failSpan, inSpan } from '../telemetry/traces.ts';
import { createAgentCall, noAgentError } from './agent-call.ts';
import { AgentPump } from './agent-pump.ts';
import { remindOfApprovals } from './approvals.ts';
import { Attempt } from './attempt.ts';
import { dispatchRun } from './dispatch-run.ts';
import type { Execution } from './execution.ts';
import { finishRun } from './finish-run.ts';
import { remindBeside } from './remind.ts';

/**
 * Has a run executed that the log has: here, or on a worker. Resolves, once it is under way or a worker is to do
 * it, with how it ends here; null where a worker executes it. Rejects with `unavailable` when it could not be
 * handed to one: repeating the send does it again.
 */
export async function beginRun(
  core: Core,
  execution: Execution,
): Promise<{ readonly done: Promise<Outcome | null> } | null> {
  const { session, run, attempt, agentName } = execution;
  if (core.dispatch) {
    await dispatchRun(core, { session, run, attempt, agent: agentName });
    return null;
  }
  if (!execution.agent) {
    core.attempts.hold({ ...core, session, run, attempt }).release();
    throw noAgentError(agentName);
  }
  return { done: carryOut(core, execution) };
}

/**
 * Runs the agent of an execution, and looks after the session when that has ended. Resolves with how the run
 * ended, or null where that could not be written. Never rejects.
 */
export function carryOut(core: Core, execution: Execution): Promise<Outcome | null> {
  const { session, run, attempt } = execution;
  const hold = core.attempts.hold({ ...core, session, run, attempt });
  const work = async (): Promise<Outcome | null> => {
    let outcome: Outcome | null = null;
    try {
      // Others look after it when this process dies.
      if (core.onLost !== 'fail' || core.dispatch)
        void remindBeside(core, 'runs', session, core.limits.leaseMs);
      const share = await shareOf(core, session);
      try {
        outcome = await tracedRun(core, share.hub, execution);
      } finally {
        share.release();
      }
    } catch (error) {
      core.report(error, { session, run });
    } finally {
      hold.release();
    }
    await afterRun(core, session);
    return outcome;
  };
  const done = work();
  core.runs.add(done);
  void done.finally(() => core.runs.delete(done));
  return done;
}

/** The run is this process's already: a log that is away for a moment is no reason to leave it. */
function shareOf({ hubs, limits, environment }: Core, session: string): Promise<HubShare> {
  return retryUnavailable(() => hubs.acquire(session), limits.retryForMs, environment);
}

/** The agent is called in a span of its own, so that what it traces is part of that: the AI SDK's own too. */
function tracedRun(core: Core, hub: SessionHub, execution: Execution): Promise<Outcome | null> {
  const { session, run, agentName, attempt, traceparent } = execution;
  const attributes = {
    'holdfast.session': session,
    'holdfast.run': run,
    'holdfast.agent': agentName,
    'holdfast.attempt': attempt,
  };
  return inSpan('run', { attributes, traceparent }, async (span) => {
    const outcome = await executeRun(core, hub, execution);
    span.setAttribute('holdfast.outcome', outcome ?? 'superseded');
    if (outcome !== 'finished' && outcome !== 'stopped') failSpan(span, outcome ?? 'superseded');
    return outcome;
  });
}

/**
 * Runs an agent to its end and writes what it produces into the log. Never rejects: whatever
 * happens ends in one `run-end`, unless another attempt took over or the log stayed away, which is
 * reported. Resolves with how it ended when that is written, and with null where it was not.
 */
async function executeRun(
  core: Core,
  hub: SessionHub,
  execution: Execution,
): Promise<Outcome | null> {
  const { session, run, agentName, start } = execution;
  const call = createAgentCall(core, hub, execution);
  const attempt = new Attempt(core, hub, execution);
  try {
    if (start && (await attempt.writer.write(start)) !== 'written') throw attempt.fencedError();
    const pump = new AgentPump(attempt);
    const reading = await pump.read(call.source);
    if (attempt.lost.aborted) throw attempt.fencedError();
    const outcome = await finishRun(attempt, reading, pump);
    noteRun(outcome, agentName, { ms: attempt.age, stoppedForMs: attempt.stoppedForMs });
    return outcome;
  } catch (error) {
    core.report(error, { session, run });
    noteRun('superseded', agentName, { ms: attempt.age });
    return null;
  } finally {
    attempt.close();
    call.stop();
  }
}

/** Looks after a session in which a run has ended, whoever wrote it and whoever ended it. Never rejects. */
export async function afterRun(core: Core, session: string): Promise<void> {
  await remindOfApprovals(core, session).catch((error: unknown) => core.report(error, { session }));
  await core.checkpointer.store(session);
  core.hookDelivery?.begin(session);
  core.scheduler.begin(session);
}
