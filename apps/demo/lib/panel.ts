import { viewOf } from '@holdfast/server';
import { convertToModelMessages, streamText } from 'ai';
import { holdfast } from './holdfast.ts';
import { chooseModel } from './model.ts';
import type { ChatMessage } from './tools.ts';

/** Agents that write into the session themselves, each under its own name. */
const voices = {
  optimist: 'You are the optimist of a panel. Say in two sentences what speaks for it.',
  skeptic: 'You are the skeptic of a panel. Say in two sentences what speaks against it.',
} as const;

export const asksPanel = (messages: readonly ChatMessage[]): boolean => {
  const asked = messages.findLast(({ role }) => role === 'user')?.parts ?? [];
  return asked.some((part) => part.type === 'text' && /\bpanel\b/i.test(part.text));
};

/** Lets all voices speak at once, on behalf of a run: a stop of that stops them too. */
export async function askPanel(sessionId: string, parent: string): Promise<void> {
  const session = holdfast.session<ChatMessage>(sessionId);
  await Promise.all(
    Object.entries(voices).map(([agent, instructions]) =>
      session.run({ agent, parent }, async ({ messages, agentName, signal }) =>
        streamText({
          model: chooseModel(),
          instructions,
          messages: await convertToModelMessages(viewOf(messages, agentName)),
          abortSignal: signal,
        }),
      ),
    ),
  );
}
