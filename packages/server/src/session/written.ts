import type { Message, Position, RunInfo, Writer, Writers } from '@holdfast/protocol';
import { isShown } from './fold-message.ts';

/** A message, and who wrote it, as far as the server knows. */
export interface Written {
  readonly message: Message;
  readonly by?: Writer | undefined;
}

/** Messages that are shown, and who wrote them. */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly authors: Writers;
}

/** All of them, at one position. */
export interface SessionMessages extends Conversation {
  readonly runs: readonly RunInfo[];
  readonly position: Position;
}

export function conversationOf(all: readonly Written[]): Conversation {
  const shown = all.filter(({ message }) => isShown(message));
  // Ids come from outside: none of them may find what every object has.
  const authors: Record<string, Writer> = Object.create(null);
  for (const { message, by } of shown) if (by) authors[message.id] = by;
  return { messages: shown.map(({ message }) => message), authors };
}
