import type { Writers } from '@holdfast/server';
import { restore } from './archive.ts';
import { firstQuestion } from './first-question.ts';
import { holdfast } from './holdfast.ts';
import { isUnguessable } from './session-id.ts';
import type { ChatMessage } from './tools.ts';

/** What a page begins with. */
export interface History {
  readonly messages: ChatMessage[];
  /** Who wrote them. */
  readonly authors: Writers;
  /** What the chat is called, where it has more than these messages: its first one tells. Else null. */
  readonly title: string | null;
}

/** How much of a long text a page is painted with: less than what it is sent when it joins. */
const letters = 65_536;

/** The message with the ends of its long texts. */
const ended = (message: ChatMessage): ChatMessage => ({
  ...message,
  parts: message.parts.map((part) =>
    'text' in part && part.text.length > letters ? { ...part, text: endOf(part.text) } : part,
  ),
});

/** From a paragraph on. */
function endOf(text: string): string {
  const at = text.length - letters;
  const paragraph = text.indexOf('\n\n', at);
  return text.slice(paragraph < 0 ? at : paragraph + 2);
}

/**
 * The newest page of a chat for the first paint, also of an answer that is being written. Null when
 * there can be no such chat. This runs on the server and asks nobody: see `access.ts` for the rule.
 */
export async function loadHistory(id: string): Promise<History | null> {
  if (!isUnguessable(id)) return null;
  const session = holdfast.session<ChatMessage>(id);
  await restore(session);
  const { messages, authors, before } = await session.state();
  // Components of the client are handed plain objects only.
  return {
    messages: messages.map(ended),
    authors: { ...authors },
    title: await firstQuestion(session, before),
  };
}
