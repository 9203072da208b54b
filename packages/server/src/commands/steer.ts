import { createHash } from 'node:crypto';
import type { NewEntry } from '@holdfast/log';
import {
  HoldfastError,
  isRecord,
  isSteering,
  type Message,
  type Steer,
  type SteerResponse,
} from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { authorOf } from '../rights/authorize.ts';
import { ownCommand } from '../runs/own-command.ts';
import type { SessionHub } from '../session/hub.ts';
import { admitMessage } from './send/admit-message.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** Messages that wait for one run. */
const maxWaiting = 20;

/** The newest live run that takes another message. */
export const steerable = ({ liveRuns }: SessionProjection): string | undefined =>
  liveRuns.findLast(({ steers = [] }) => waitingOf(steers) < maxWaiting)?.run;

const waitingOf = (steers: readonly Steer[]): number =>
  steers.filter(({ state }) => state === 'waiting').length;

/**
 * Sends a message to a run that is under way, the newest where none is named (HF-RUN-21). Rejects with
 * `bad_request`, `conflict`, `limit`, `full` or `unavailable`.
 */
export async function steerRun(
  core: Core,
  session: string,
  { message: given, run: named }: { readonly message: Message; readonly run?: string | undefined },
  participant: Participant,
): Promise<SteerResponse> {
  const message = await admitMessage(core, session, given, participant);
  const share = await core.hubs.acquire(session);
  try {
    const { hub } = share;
    const known = await hub.project(({ runs, liveRuns }) => {
      const steer = runs
        .flatMap(({ run, steers = [] }) => steers.map(({ id, state }) => ({ run, id, state })))
        .find(({ id }) => id === message.id);
      const target = liveRuns.findLast(({ run }) => named === undefined || run === named);
      const waiting = waitingOf(target?.steers ?? []);
      return { steer, run: target?.run, waiting };
    });
    const { steer, run, waiting } = known;
    if (steer) return { run: steer.run, state: steer.state };
    if (waiting >= maxWaiting)
      throw new HoldfastError(
        'limit',
        `unable to steer: ${maxWaiting} messages wait for this run already`,
      );
    const { environment } = core;
    const entry: NewEntry = {
      nonce: environment.nonce(),
      body: JSON.stringify({
        k: 'steer',
        run,
        message,
        by: authorOf(participant),
        at: environment.date(),
      }),
    };
    const digest = createHash('sha256').update(JSON.stringify(given)).digest('base64url');
    // Also without a run to steer: the log may know the message from one that is not told of any more.
    const command = {
      command: ownCommand('steer', message.id),
      digest,
      if: { runLive: run ?? '-' },
      entries: [entry],
    };
    const outcome = await retryUnavailable(
      () => core.log.send(session, command),
      retryForMs,
      environment,
    );
    const why = outcome.kind === 'refused' ? outcome.why : null;
    if (why === 'ended') return { state: 'ended' };
    if (why === 'full')
      throw new HoldfastError(
        'full',
        'unable to steer: the session has reached its size limit; start a new session',
      );
    if (why !== null)
      throw new HoldfastError(
        'conflict',
        'unable to steer: another message was sent under this id; give the message a new one',
      );
    if (outcome.kind === 'duplicate') return await outcomeOf(hub, message.id);
    return run === undefined ? { state: 'ended' } : { run, state: 'waiting' };
  } finally {
    share.release();
  }
}

/** What became of a message whose run is not told of any more: the part that it left is there still. */
export async function outcomeOf(hub: SessionHub, id: string): Promise<SteerResponse> {
  const { messages, runs } = await hub.messages();
  for (const { run, steers = [] } of runs)
    for (const steer of steers) if (steer.id === id) return { run, state: steer.state };
  const isThere = messages.some(({ parts }) =>
    parts.some((part) => isRecord(part) && isSteering(String(part.type)) && part.id === id),
  );
  return { state: isThere ? 'consumed' : 'unconsumed' };
}
