import { createHash } from 'node:crypto';
import { HoldfastError, type Message, type Steer, type SteerResponse } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import { conflict } from '../conflict.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { formOf } from '../files/same.ts';
import { authorOf } from '../rights/authorize.ts';
import { ownCommand } from '../runs/own-command.ts';
import { messageOf } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { storedBackFrom } from '../session/stored-messages.ts';
import { steersIn } from '../session/words.ts';
import { commit } from './commit.ts';
import { admitMessage } from './send/admit-message.ts';

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
  const { environment } = core;
  const digest = createHash('sha256')
    .update(formOf(session, given, core.limits.inlineBytes))
    .digest('base64url');
  const by = authorOf(participant);
  const taken = () => {
    throw conflict(
      'taken',
      'steer: another message was sent under this id; give the message a new one',
    );
  };
  return await core.hubs.use(session, (hub) =>
    commit<SteerResponse>(core, session, {
      name: 'steer',
      decide: async () => {
        const { steer, run, waiting } = await lookAt(hub, message.id, named);
        if (steer) return { answer: { run: steer.run, state: steer.state }, repeats: {} };
        if (waiting >= maxWaiting)
          throw new HoldfastError(
            'limit',
            `unable to steer: ${maxWaiting} messages wait for this run already`,
          );
        // Also without a run to steer: the log may know the message from one that is not told of any more.
        const target = run ?? nobody;
        const entry = { k: 'steer' as const, run: target, message, by, at: environment.date() };
        return {
          command: {
            command: ownCommand('steer', message.id),
            digest,
            if: { runLive: target },
            entries: [newEntry(environment, entry)],
          },
          accepted: ({ kind }) =>
            kind === 'duplicate'
              ? outcomeOf(core, hub, message.id)
              : { run: target, state: 'waiting' },
          refused: { ended: () => ({ state: 'ended' }), other: taken },
        };
      },
    }),
  );
}

/** A run that is never live. */
const nobody = '-';

/** The outcome of the message, or the run that is to have it: the newest where none is named. */
const lookAt = (hub: SessionHub, id: string, named: string | undefined) =>
  hub.project(({ runs, liveRuns }) => {
    const steer = runs
      .flatMap(({ run, steers = [] }) => steers.map((each) => ({ run, ...each })))
      .find((each) => each.id === id);
    const target = liveRuns.findLast(({ run }) => named === undefined || run === named);
    return { steer, run: target?.run, waiting: waitingOf(target?.steers ?? []) };
  });

/**
 * The outcome of a message whose run is not told of any more. The part that it left where a model was given it is there
 * still, and is looked for from the end on, since it is nearly always asked for right behind it. One that waits for its
 * turn, or has had it, was given to none.
 */
export async function outcomeOf(core: Core, hub: SessionHub, id: string): Promise<SteerResponse> {
  const held = await hub.project(async (projection, _, view) => {
    const { runs, items, queue } = projection;
    for (const { run, steers = [] } of runs)
      for (const steer of steers) if (steer.id === id) return { run, state: steer.state };
    for (const item of [...items].reverse())
      if (steersIn(await messageOf(item)).includes(id)) return consumed;
    const waits = queue.some(({ messages }) => messages.some((message) => message.id === id));
    return waits || projection.item(id) || (await view.hasOlder(id)) ? unconsumed : view.start;
  });
  if (typeof held === 'object') return held;
  // What is stored meanwhile was held, and looked at.
  for await (const message of storedBackFrom(core.log, hub.session, { end: held, naming: id }))
    if (steersIn(message).includes(id)) return consumed;
  return unconsumed;
}

const consumed: SteerResponse = { state: 'consumed' };
const unconsumed: SteerResponse = { state: 'unconsumed' };
