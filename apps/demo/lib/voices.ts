import { type Agent, viewOf } from '@holdfast/server';
import { convertToModelMessages, streamText } from 'ai';
import { withEnding } from './ending.ts';
import { chooseModel } from './model.ts';
import type { ChatMessage } from './tools.ts';

/** What others wrote reaches it as what they said, with their names. */
const voice =
  (instructions: string): Agent<ChatMessage> =>
  async ({ messages, agentName, authorOf, signal }) =>
    withEnding(
      streamText({
        model: chooseModel(),
        instructions,
        messages: await convertToModelMessages(viewOf(messages, agentName, authorOf)),
        abortSignal: signal,
      }),
    );

/** Agents that write into the session themselves, each under its own name. */
export const voices = {
  optimist: voice('You are the optimist of a panel. Say in two sentences what speaks for it.'),
  skeptic: voice('You are the skeptic of a panel. Say in two sentences what speaks against it.'),
} as const;
