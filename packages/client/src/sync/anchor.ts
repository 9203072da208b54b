import type { SessionAct, SessionPage } from '../contract.ts';
import { unable } from '../errors.ts';
import type { Ledger } from './ledger.ts';

/** Pages that hold nothing that is shown are passed over, this many at most. */
const tries = 20;

/**
 * What a send is to keep in the session, given what it keeps in the chat. A chat that begins in the
 * middle of the session, or that was not told of it yet, has nothing before its first message; one
 * that begins before the session has messages that the session does not know. The ledger must be
 * known, or the session absent. Rejects as `fetch` does, and as `conflict` where it cannot be told: to
 * keep nothing would be a guess (HF-HTTP-29).
 */
export async function anchorOf(
  { after = null, message }: SessionAct,
  ledger: Ledger,
  isOwn: (id: string) => boolean,
  fetch: (before: string, limit: number) => Promise<SessionPage>,
): Promise<string | null> {
  if (after !== null) {
    // What is not loaded may be there, what was cut off is refused, and what was sent here may come.
    const isForeign = ledger.before === null && !ledger.had(after) && !isOwn(after);
    if (ledger.state !== 'known' || !isForeign) return after;
  }
  const ids = [...ledger.items].map(({ id }) => id);
  // An unknown message is no wish to keep nothing.
  if (after !== null && !message) throw unable('conflict', 'send: the session has no such message');
  const at = message ? ids.indexOf(message.id) : 0;
  // One that is not there yet comes behind all others.
  if (at !== 0) return ids.at(at < 0 ? -1 : at - 1) ?? null;
  let cursor = ledger.before;
  for (let left = tries; cursor !== null && left > 0; left--) {
    const page: SessionPage = await fetch(cursor, 1);
    const id = page.messages.at(-1)?.id;
    if (id !== undefined) {
      ledger.follows(id, ledger.before);
      return id;
    }
    cursor = page.before;
  }
  return null;
}
