import type { SessionLog } from '@holdfast/log';
import type { Message } from '@holdfast/protocol';
import { messageOfStored } from './fold-message.ts';
import { readStored } from './stored-item.ts';
import type { Written } from './written.ts';

/** Messages of one read: neither the event loop nor the store is held for longer than that. */
const page = 200;

/** The messages that the log has stored at places `begin` to `end` - 1; ends where there is none any more. */
export async function* storedMessages(
  log: SessionLog,
  session: string,
  begin: number,
  end: number,
): AsyncGenerator<Written> {
  for (let at = begin; at < end; ) {
    const stop = Math.min(at + page, end);
    const read = await log.items(session, { before: stop, limit: stop - at });
    if (read === null || read.items.length < stop - at) return;
    for (const item of read.items.map(readStored))
      yield { message: await messageOfStored(item), by: item.by };
    at = stop;
  }
}

/** The messages that the log has stored in front of a place and that name something, the newest first, by pages. */
export async function* storedBackFrom(
  log: SessionLog,
  session: string,
  { end, naming }: { readonly end: number; readonly naming: string },
): AsyncGenerator<Message> {
  // Most do not, and need not be made of their text.
  const name = JSON.stringify(naming);
  for (let at = end; at > 0; at -= page) {
    const read = await log.items(session, { before: at, limit: Math.min(page, at) });
    const bodies = (read?.items ?? []).filter((body) => body.includes(name));
    for (const item of bodies.map(readStored).reverse()) yield await messageOfStored(item);
  }
}
