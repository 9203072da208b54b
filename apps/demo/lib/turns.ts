import type { ChatMessage } from './tools.ts';

/** A question and what came of it; the first one may be without a question, which an older page has. */
type Turn = readonly ChatMessage[];

export function turnsOf(messages: readonly ChatMessage[]): Turn[] {
  const turns: ChatMessage[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (turn && message.role !== 'user') turn.push(message);
    else turns.push([message]);
  }
  return turns;
}
