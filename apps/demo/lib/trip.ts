import { setTimeout as wait } from 'node:timers/promises';
import { type AdoptedRun, type Agent, viewOf } from '@holdfast/server';
import { convertToModelMessages, streamText } from 'ai';
import { withEnding } from './ending.ts';
import { holdfast } from './holdfast.ts';
import { asks } from './message-text.ts';
import { chooseModel } from './model.ts';
import type { ChatMessage } from './tools.ts';

const writing =
  (instructions: string): Agent<ChatMessage> =>
  async ({ messages, agentName, authorOf, signal }) =>
    withEnding(
      streamText({
        model: chooseModel(),
        instructions: `You plan trips. ${instructions}`,
        messages: await convertToModelMessages(viewOf(messages, agentName, authorOf)),
        abortSignal: signal,
      }),
    );

type Piece = (run: AdoptedRun<ChatMessage>) => Promise<unknown>;

/** What an engine calls one after another; each may run in another process, and again if it died. */
const pieces: readonly Piece[] = [
  (run) => run.write('route', writing('Name the stages of the route.')),
  async (run) => {
    await run.step('look up the tides', () => wait(300, { high: '16:40' }));
    await run.write('ferries', writing('Say which ferries to take.'));
  },
  (run) => run.write('packing', writing('Say what to pack.')),
];

const pauseMs = 1_500;
const tries = 3;

export const asksTrip = (messages: readonly ChatMessage[]): boolean => asks(messages, /\btrip\b/i);

/**
 * Stands for a durable engine, which would survive this process: calls the pieces one after another, again
 * when one fails, and rests in between. All of them write one message.
 */
export async function planTrip(sessionId: string, command: string): Promise<void> {
  const session = holdfast.session<ChatMessage>(sessionId);
  const call = (piece: Piece) =>
    session.adopt({ agent: 'trip planner', command }, async (run) => {
      await piece(run);
      return run.state;
    });
  for (const piece of pieces) {
    for (let left = tries; ; left--) {
      try {
        // Somebody has stopped it.
        if ((await call(piece)) !== 'running') return;
        break;
      } catch {
        if (left > 1) continue;
        await call((run) => run.end('failed'));
        return;
      }
    }
    await wait(pauseMs);
  }
  await call((run) => run.end());
}
