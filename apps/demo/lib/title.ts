import { textOf } from './message-text.ts';
import type { ChatMessage } from './tools.ts';

const most = 80;

/** What a chat is called: its first question; undefined where these messages have none. */
export function titleOf(messages: readonly ChatMessage[]): string | undefined {
  const first = messages.find(({ role }) => role === 'user');
  if (!first) return undefined;
  const named = first.parts.find((part) => part.type === 'file')?.filename;
  return (textOf(first) || named || 'Files').slice(0, most);
}

export interface TitleFacts {
  readonly messages: readonly ChatMessage[];
  /** Whether the page's messages begin where the chat begins. */
  readonly isWhole: boolean;
  /** What the chat was called when that was known last. */
  readonly known: string | null;
}

/** The first question that a page shows is that of the chat only where it shows the chat's beginning. */
export const titleNow = ({ messages, isWhole, known }: TitleFacts): string | undefined =>
  isWhole ? titleOf(messages) : (known ?? titleOf(messages));
