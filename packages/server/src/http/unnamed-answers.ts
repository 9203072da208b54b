import type { Message } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import { isOfAgent, messageOf } from '../session/fold-message.ts';
import { isSoFar } from '../session/words.ts';

/**
 * The list of a page whose answers came as text (HF-HTTP-38), with the ids that the session has for them: the page
 * has made up its own. An answer is the one that follows, in the session, on what the list shows before it, where
 * its words are the same.
 */
export async function withNamedAnswers(
  projection: SessionProjection,
  messages: readonly Message[],
): Promise<readonly Message[]> {
  const items = [...projection.items];
  const places = new Map(items.map(({ id }, at) => [id, at]));
  const given = new Set(messages.map(({ id }) => id));
  const named: Message[] = [];
  let place = -1;
  for (const message of messages) {
    const own = places.get(message.id);
    const next = own === undefined && message.role === 'assistant' ? items[place + 1] : undefined;
    const stored = next && isOfAgent(next) && !given.has(next.id) && (await messageOf(next));
    if (stored && isSoFar(stored, message)) {
      named.push({ ...message, id: stored.id });
      place += 1;
    } else {
      named.push(message);
      place = own ?? place;
    }
  }
  return named;
}
