import { createHash } from 'node:crypto';
import { type AnswerResponse, type Chunk, HoldfastError } from '@holdfast/protocol';
import { answeredKey, callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import type { IsClientTool } from '../contract/client-tools.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { authorOf } from '../rights/authorize.ts';
import { checkAnswerSize } from '../runs/chunk-size.ts';
import { ownCommand } from '../runs/own-command.ts';
import type { SessionHub } from '../session/hub.ts';
import { openAnswers } from './answers.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often it is tried again when others keep coming in between. */
const tries = 5;

/** Answers for the calls of one message. */
export interface Given {
  readonly messageId: string;
  readonly answers: readonly unknown[];
  /** Which tools are the clients', where the route says so. */
  readonly isClientTool?: IsClientTool | null | undefined;
}

/**
 * Writes answers to calls and approvals without starting a run (HF-HTTP-29). Rejects with
 * `bad_request`, `busy`, `conflict`, `full`, `too_large` or `unavailable`; nothing is written then, or, after
 * `unavailable`, repeating it is safe.
 */
export async function takeAnswers(
  core: Core,
  session: string,
  given: Given,
  participant: Participant,
): Promise<AnswerResponse> {
  const { messageId, answers } = given;
  const { environment, log } = core;
  const share = await core.hubs.acquire(session);
  try {
    const { hub } = share;
    for (let left = tries; left > 0; left--) {
      const { position, accepted, settled } = await look(core, hub, given);
      const standing = answers.flatMap((each) => settled.get(answeredKey(each as Chunk)) ?? []);
      if (accepted.length === 0) return { answers: standing };
      checkAnswerSize(accepted, core.limits.entryBytes);
      const by = authorOf(participant);
      const entry = { k: 'answer', messageId, chunks: accepted, by, at: environment.date() };
      const write = () =>
        log.send(session, {
          command: ownCommand('answer', digestOf([messageId, ...accepted.map(answeredKey)])),
          if: { noSendSince: position },
          entries: [{ nonce: environment.nonce(), body: JSON.stringify(entry) }],
        });
      const outcome = await retryUnavailable(write, retryForMs, environment);
      if (outcome.kind === 'accepted') return { answers: [...standing, ...accepted] };
      if (outcome.kind === 'refused' && outcome.why === 'full')
        throw new HoldfastError(
          'full',
          'unable to answer: the session has reached its size limit; start a new session',
        );
    }
    // Nothing is wrong with the answers: clients give them again by themselves.
    throw new HoldfastError(
      'unavailable',
      'unable to answer: others keep coming in between; try again',
      { retryMs: 1_000 },
    );
  } finally {
    share.release();
  }
}

const look = (
  core: Core,
  hub: SessionHub,
  { messageId, answers, isClientTool = core.isClientTool }: Given,
) =>
  hub.project(async (projection, _, view) => {
    await view.reach(messageId);
    const item = projection.item(messageId);
    if (item?.kind !== 'assistant') throw goneMessage('answer');
    const accepted = openAnswers(projection, item, answers, isClientTool);
    return { position: view.position, accepted, settled: callsOf(chunksOfItem(item)).settled };
  });

export const goneMessage = (what: string): HoldfastError =>
  new HoldfastError(
    'conflict',
    `unable to ${what}: the message is gone or settled; load the session again`,
  );

const digestOf = (names: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(names)).digest('base64url').slice(0, 22);
