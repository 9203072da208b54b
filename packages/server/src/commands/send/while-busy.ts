import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import type { WhileBusy } from '../../contract/options.ts';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import type { SessionHub } from '../../session/hub.ts';
import { cancelRuns } from '../cancel-run.ts';
import { isWhileBusy, policies } from './policies.ts';

/** An agent that was stopped ends well within that; one that is dead is found by its lease. */
const graceMs = 5_000;
/** The feed tells at once; this is for a feed that was cut off. */
const lookMs = 500;

/**
 * The policy for a send while a run is live. One that changes what is there, or goes on with it, has no
 * choice: what it cuts off is stopped, and a tool's output belongs to its message.
 */
export async function policyOf(
  core: Core,
  body: SendRequest,
  participant: Participant,
): Promise<WhileBusy> {
  if (body.after !== undefined || body.continues !== undefined) return 'parallel';
  const { whileBusy } = core;
  if (typeof whileBusy !== 'function') return whileBusy;
  const decided = await whileBusy({ sessionId: body.id, participant, asked: body.whileBusy });
  if (isWhileBusy(decided)) return decided;
  throw new Error(`unable to send: whileBusy gave none of ${policies.join(', ')}`);
}

/**
 * Stops every live run; resolves with the ids of their messages once none of them is live any more.
 * Rejects as `unavailable` when one does not end in time; nothing is lost then, and repeating it goes
 * on waiting.
 */
export async function interruptRuns(
  core: Core,
  hub: SessionHub,
  participant: Participant,
): Promise<readonly string[]> {
  const live = await hub.project((projection) => projection.liveRuns);
  const runs = new Set(live.map(({ run }) => run));
  await cancelRuns(core, hub.session, live, participant);
  const { limits, environment } = core;
  const until = environment.now() + limits.leaseMs + graceMs;
  const change = changes(hub);
  try {
    while (await hub.project(({ liveRuns }) => liveRuns.some(({ run }) => runs.has(run)))) {
      if (environment.now() >= until)
        throw new HoldfastError(
          'unavailable',
          'unable to interrupt: the run that was stopped has not ended yet; try again',
          { retryMs: 1_000 },
        );
      await Promise.race([change.next(), environment.wait(lookMs)]);
    }
  } finally {
    change.stop();
  }
  return live.map(({ messageId }) => messageId);
}

/** Tells of what comes from the moment of the last look on. */
function changes(hub: SessionHub): { next(): Promise<void>; stop(): void } {
  let signal = Promise.withResolvers<void>();
  const notify = () => signal.resolve();
  const stop = hub.listen({ advanced: notify, reset: notify, deleted: notify });
  return {
    next: async () => {
      await signal.promise;
      signal = Promise.withResolvers();
    },
    stop,
  };
}
