import { HoldfastError } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import { type Cursor, digestOf, formatCursor } from './page-cursor.ts';
import type { SessionView } from './view.ts';
import { type Conversation, conversationOf } from './written.ts';

/** Messages of a session, oldest first, and the cursor of what is older; null when nothing is. */
export interface MessagePage extends Conversation {
  readonly before: string | null;
}

/** The messages at places `begin` to `end` - 1. */
export async function pageOf(view: SessionView, begin: number, end: number): Promise<MessagePage> {
  const messages = await view.messages(begin, end);
  return { ...conversationOf(messages), before: await cursorAt(view, begin) };
}

/** The cursor of what is older than a place. */
export async function cursorAt(view: SessionView, place: number): Promise<string | null> {
  if (place === 0) return null;
  const id = await idAt(view, place);
  return id === undefined ? null : formatCursor(view.position.epoch, place, id);
}

/**
 * The place that a cursor names. Rejects as `bad_request` for one of another session, and as `conflict` where
 * the message that stood there was cut off (HF-HTTP-35).
 */
export async function placeOf(
  view: SessionView,
  { epoch, place, digest }: Cursor,
): Promise<number> {
  if (view.position.epoch !== epoch)
    throw new HoldfastError(
      'bad_request',
      'unable to read the history: the cursor is of another session; begin with the newest page',
    );
  const id = await idAt(view, place);
  if (id === undefined || digestOf(id) !== digest)
    throw conflict(
      'gone',
      'read the history: the message of the cursor was cut off; begin with the newest page',
    );
  return place;
}

/** The message at a place, by its id alone; undefined when there is none. */
export async function idAt(view: SessionView, place: number): Promise<string | undefined> {
  const held = [...view.projection.items][place - view.start];
  if (held) return held.id;
  const [written] = await view.messages(place, place + 1);
  return written?.message.id;
}
