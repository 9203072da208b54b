import type { SessionHandle } from '@holdfast/server';
import { titleOf } from './title.ts';
import type { ChatMessage } from './tools.ts';

/** A chat is read to its beginning for its title through this many pages at most. */
const mostPages = 25;
const pageSize = 200;

/**
 * What a chat is called of which a page shows only what is behind the cursor. Null where it shows all, or
 * the beginning is too far. An application would keep titles.
 */
export async function firstQuestion(
  session: Pick<SessionHandle<ChatMessage>, 'messages'>,
  before: string | null,
): Promise<string | null> {
  let cursor = before;
  for (let pages = 0; cursor !== null && pages < mostPages; pages++) {
    const page = await session.messages({ before: cursor, limit: pageSize });
    if (page.before === null) return titleOf(page.messages) ?? null;
    cursor = page.before;
  }
  return null;
}
