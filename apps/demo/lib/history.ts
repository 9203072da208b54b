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
  return { messages, authors: { ...authors }, title: await firstQuestion(session, before) };
}
