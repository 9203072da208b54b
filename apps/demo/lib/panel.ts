import { holdfast } from './holdfast.ts';
import { asks } from './message-text.ts';
import type { ChatMessage } from './tools.ts';
import { voices } from './voices.ts';

export const asksPanel = (messages: readonly ChatMessage[]): boolean =>
  asks(messages, /\bpanel\b/i);

/** Lets all voices speak at once, on behalf of a run: a stop of that stops them too. */
export async function askPanel(sessionId: string, parent: string): Promise<void> {
  const session = holdfast.session<ChatMessage>(sessionId);
  await Promise.all(
    Object.entries(voices).map(([agent, voice]) => session.run({ agent, parent }, voice)),
  );
}
