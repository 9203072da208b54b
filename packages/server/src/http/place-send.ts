import type { SendRequest } from '@holdfast/protocol';
import { readLoaded } from '../commands/load.ts';
import { conflict } from '../conflict.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { isOfAgent } from '../session/fold-message.ts';
import { idAt } from '../session/page.ts';
import type { SessionView } from '../session/view.ts';
import type { Place } from './send-body.ts';

/**
 * The send of a stock client without a list (HF-HTTP-39), with the last message that is kept: the one in front of the
 * message that is edited or asked again, or the question itself. Rejects with `conflict` where the session has no
 * such message; nothing is written then.
 */
export async function placeSend(
  core: Core,
  send: SendRequest,
  place: Place,
  participant: Participant,
): Promise<SendRequest> {
  const { after } = await core.hubs.use(send.id, (hub) => {
    const look = () =>
      hub.project(async (_, __, view) => {
        const kept = await lastKept(view, send, place);
        return { after: kept, position: view.position };
      }, 'top');
    return readLoaded(core, hub, { participant }, look);
  });
  if (after === undefined) throw unknown();
  return { ...send, after };
}

/** The last message that is kept, null where none is; undefined where the session does not have the message. */
async function lastKept(
  view: SessionView,
  { trigger }: SendRequest,
  { messageId }: Place,
): Promise<string | null | undefined> {
  if (messageId !== undefined) await view.reach(messageId);
  const items = [...view.projection.items];
  const at =
    messageId === undefined ? items.length - 1 : items.findIndex(({ id }) => id === messageId);
  const item = items[at];
  if (!item) return undefined;
  const isKept = trigger === 'regenerate-message' && !isOfAgent(item);
  const place = view.start + at + (isKept ? 1 : 0);
  return place === 0 ? null : ((await idAt(view, place - 1)) ?? null);
}

const unknown = () =>
  conflict(
    'outdated',
    'send: the session has no message with that `messageId`; load the session again, or send the whole list',
  );
