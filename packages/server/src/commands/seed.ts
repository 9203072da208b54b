import type { SeedCommand, SeedOutcome } from '@holdfast/log';
import { HoldfastError, isName, type Message, type Writer, type Writers } from '@holdfast/protocol';
import { safeValidateUIMessages } from 'ai';
import { conflict } from '../conflict.ts';
import type { Core } from '../core.ts';
import { remindOfApprovals } from '../runs/approvals.ts';
import { isShown } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { ended, revived } from '../session/revive.ts';
import { seededBody } from '../session/stored-item.ts';
import { unansweredText } from './send/dangling.ts';
import { keepMessage } from './send/message-files.ts';

/**
 * Begins a session with messages of the application's: `exists` where it is there and began with the same one. Rejects
 * as `bad_request` for messages that are none, as `conflict` where it began with another, as `full`, and with the
 * log's error; nothing is written then.
 */
export async function seedSession(
  core: Core,
  session: string,
  messages: readonly Message[],
  authors: Writers,
): Promise<'seeded' | 'exists'> {
  const wrong = messages.length === 0 ? { why: 'there are no messages' } : await faultIn(messages);
  if (wrong)
    throw new HoldfastError('bad_request', `unable to seed: ${wrong.why}`, { cause: wrong.cause });
  const outcome = await writeSeed(core, session, messages, authors);
  if (outcome === 'full')
    throw new HoldfastError(
      'full',
      'unable to seed: the messages are over the size limit of a session; seed the newest only',
    );
  if (outcome === 'exists') await core.hubs.use(session, (hub) => checkSeam(hub, messages));
  return outcome;
}

/** Writes messages that were checked as the beginning of a session. Rejects with the log's error. */
export async function writeSeed(
  core: Core,
  session: string,
  messages: readonly Message[],
  authors: Writers,
): Promise<SeedOutcome> {
  const { log, environment } = core;
  const by = (each: string) => (Object.hasOwn(authors, each) ? authors[each] : undefined);
  const outcome = await log.seed(session, {
    items: await seedItems(core, session, messages, by),
    entry: newEntry(environment, { k: 'seed', count: messages.length, at: environment.date() }),
  });
  if (outcome === 'seeded') await remindOfApprovals(core, session);
  return outcome;
}

/** The last message goes on where something stands open in it; the conversation went on behind others. */
async function seedItems(
  core: Core,
  session: string,
  messages: readonly Message[],
  by: (id: string) => Writer | undefined,
): Promise<SeedCommand['items']> {
  const items: SeedCommand['items'][number][] = [];
  for (const [at, given] of messages.entries()) {
    const message = await keepMessage(core, session, given, 'stored');
    const mayGoOn = at === messages.length - 1 || core.openCalls === 'keep';
    const segments = mayGoOn ? revived(message) : null;
    const kept = mayGoOn ? message : await ended(message, unansweredText);
    items.push({ key: message.id, body: seededBody(kept, segments, by(message.id)) });
  }
  return items;
}

/** Why no session can begin with these messages; null where one can. */
export async function faultIn(
  messages: readonly Message[],
): Promise<{ readonly why: string; readonly cause?: unknown } | null> {
  const valid = await safeValidateUIMessages({ messages: [...messages] });
  if (!valid.success) return { why: 'not all are valid UIMessages', cause: valid.error };
  const ids = new Set(messages.map((message) => message.id));
  if (![...ids].every(isName)) return { why: 'not all have ids of 1 to 256 characters' };
  return ids.size < messages.length ? { why: 'two of the messages have the same id' } : null;
}

/** The session went on from these messages, or from others. */
async function checkSeam(hub: SessionHub, messages: readonly Message[]): Promise<void> {
  const [first] = await hub.project((_, __, view) => view.messages(0, 1));
  if (!first || !isShown(first.message) || first.message.id === messages[0]?.id) return;
  throw conflict(
    'taken',
    'seed: the session exists and began with another message; seed a session before its first send, or delete it',
  );
}
