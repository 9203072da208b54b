import type { LiveRun } from '@holdfast/log';
import { type Message, type RunStartEntry, type SendRequest, seqOf } from '@holdfast/protocol';
import { segmentsOfItem } from '@holdfast/protocol/projection';
import type { Core } from '../core.ts';
import { foldMessage } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { carryOut } from './execute.ts';
import { noteOf } from './run-info.ts';

/** How long one process has to take a run over before another may, in ms. */
const claimMs = 30_000;
/** How long it is known that a run was found lost, in ms. */
const noticedMs = 600_000;

/**
 * Goes on with a run whose process has died, as its next attempt, where the application wants that and
 * this process has the agent (HF-RUN-15). False when the run is to end as lost. Rejects with the log's
 * error.
 */
export async function takeOver(core: Core, session: string, lost: LiveRun): Promise<boolean> {
  const { log, environment, limits, onLost } = core;
  const { run } = lost;
  const { retry, agent: agentName = '', messageId, command = '' } = noteOf(lost.info);
  const attempt = lost.attempt + 1;
  if (!retry || messageId === undefined || lost.cancelled || attempt > core.maxAttempts)
    return false;
  const wish =
    typeof onLost === 'function'
      ? await onLost({ sessionId: session, runId: run, agentName, attempt: lost.attempt })
      : onLost;
  if (wish !== 'retry') return false;
  const agent = core.dispatcher.agent(agentName);
  if (!agent) return await isAwaited(core, session, run, attempt);
  const holder = environment.id();
  const claim = { name: `take over ${run} ${attempt}`, holder, leaseMs: claimMs };
  if ((await log.claim(session, claim)).kind !== 'held') return true;
  const { kind } = await log.renew(session, { run, attempt, leaseMs: limits.leaseMs });
  if (kind !== 'held') return true;
  const { participant, trigger, metadata, body: custom, parent } = retry;
  const share = await core.hubs.acquire(session);
  const { hub } = share;
  const child = parent === undefined ? {} : { parent };
  const at = environment.now();
  const start: RunStartEntry = {
    k: 'run-start',
    run,
    attempt,
    agent: agentName,
    messageId,
    command,
    ...child,
    at,
  };
  const body: SendRequest = {
    id: session,
    command,
    trigger,
    ...(metadata === undefined ? {} : { metadata }),
    ...(custom === undefined ? {} : { body: custom }),
  };
  const { id: through } = hub.position;
  void carryOut(
    core,
    share,
    body,
    { request: null, participant, agent, agentName },
    {
      run,
      messageId,
      through,
      startedAt: seqOf(through),
      // What the log has lost of a later attempt is lost: the next one begins anew.
      repeat: async () => ({ kind: 'stale' }),
      takeOver: { start, messages: () => messagesBefore(hub, run, messageId) },
    },
  );
  return true;
}

/** What the first attempt was given: what stands before the run's own words. */
async function messagesBefore(
  hub: SessionHub,
  run: string,
  messageId: string,
): Promise<readonly Message[]> {
  return await hub.project(async (projection, _, view) => {
    const items = [...projection.items];
    const place = items.findIndex(({ id }) => id === messageId);
    const before = await view.messages(0, place < 0 ? view.end : view.start + place);
    const item = items[place];
    if (item?.kind !== 'assistant') return before;
    const segments = segmentsOfItem(item);
    const own = segments.findIndex((segment) => segment.run === run);
    const chunks = segments.slice(0, own < 0 ? undefined : own).flatMap((each) => each.chunks);
    return chunks.length === 0 ? before : [...before, await foldMessage(messageId, chunks)];
  });
}

/**
 * Whether a process that has the agent may still come, told by two claims: that somebody has noticed, and
 * that it is not long ago.
 */
async function isAwaited(
  { log, environment, limits }: Core,
  session: string,
  run: string,
  attempt: number,
): Promise<boolean> {
  const ask = (what: string, leaseMs: number) =>
    log.claim(session, { name: `${what} ${run} ${attempt}`, holder: environment.id(), leaseMs });
  const noticed = await ask('noticed', noticedMs);
  const recent = await ask('recent', limits.leaseMs);
  return noticed.kind === 'held' || recent.kind === 'taken';
}
