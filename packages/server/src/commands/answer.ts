import type { AnswerResponse, Chunk, HoldfastError } from '@holdfast/protocol';
import { answeredKey, callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import { conflict } from '../conflict.ts';
import type { IsClientTool } from '../contract/client-tools.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { filled, ofPage, readingOnce, wholeOf } from '../files/filled.ts';
import { authorOf } from '../rights/authorize.ts';
import { checkAnswerSize } from '../runs/chunk-size.ts';
import { keepChunks } from '../runs/keep-chunks.ts';
import { ownCommand } from '../runs/own-command.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { openAnswers } from './answers.ts';
import { again, commit } from './commit.ts';
import { regaining } from './load.ts';

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
  const by = authorOf(participant);
  const answered = await core.hubs.use(session, (hub) =>
    commit<AnswerResponse>(core, session, {
      name: 'answer',
      regain: regaining(core, hub, { participant }),
      decide: async () => {
        const { position, accepted, settled } = await look(core, hub, given);
        const known = answers.flatMap((each) => settled.get(answeredKey(each as Chunk)) ?? []);
        const standing = await filledChunks(core, session, known);
        if (accepted.length === 0) return { answer: { answers: standing }, repeats: {} };
        const chunks = await keepAnswers(core, session, accepted);
        const at = core.environment.date();
        const entry = { k: 'answer' as const, messageId, chunks, by, at };
        return {
          command: {
            // Not the calls' ids: another attempt of their run may make one again under the same.
            command: ownCommand('answer', core.environment.id()),
            if: { noSendSince: position },
            entries: [newEntry(core.environment, entry)],
          },
          // Behind a repetition the session shows what stands.
          accepted: ({ kind }) =>
            kind === 'accepted' ? { answers: [...standing, ...accepted] } : again,
        };
      },
    }),
  );
  // Also behind a repetition: who wrote them may not have known that.
  core.hookDelivery?.begin(session);
  return answered;
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

/** How long it is repeated to the log, in ms, as the answers are. */
const retryForMs = 5_000;

/** Answers as they stand in the log: what is large in them is kept first. Rejects with `too_large` or `full`. */
export async function keepAnswers(
  core: Core,
  session: string,
  answers: readonly Chunk[],
): Promise<readonly Chunk[]> {
  checkAnswerSize(answers, core.limits.fileBytes, 'fileBytes');
  const chunks = await keepChunks(core, session, answers, retryForMs);
  checkAnswerSize(chunks, core.limits.entryBytes);
  return chunks;
}

/** One after another, and with as many of their values as a page has: they may be large together. */
async function filledChunks(
  { fileTexts }: Core,
  session: string,
  chunks: readonly Chunk[],
): Promise<readonly Chunk[]> {
  const filling = readingOnce(ofPage(wholeOf(fileTexts, session)));
  const all: Chunk[] = [];
  for (const chunk of chunks) all.push(await filled(filling, chunk));
  return all;
}

export const goneMessage = (what: string): HoldfastError =>
  conflict('gone', `${what}: the message is gone or settled; load the session again`);
