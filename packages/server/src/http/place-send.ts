import type { SendRequest } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import type { Core } from '../core.ts';
import { isOfAgent } from '../session/fold-message.ts';
import { idAt } from '../session/page.ts';
import type { Place } from './send-body.ts';

/**
 * The send of a stock client without a list (HF-HTTP-39), with the last message that is kept: the one in front of the
 * message that is edited or asked again, or the question itself. Rejects with `conflict` where the session has no
 * such message; nothing is written then.
 */
export async function placeSend(
  core: Core,
  send: SendRequest,
  { messageId }: Place,
): Promise<SendRequest> {
  const after = await core.hubs.use(send.id, (hub) =>
    hub.project(async (projection, _, view) => {
      if (messageId !== undefined) await view.reach(messageId);
      const items = [...projection.items];
      const at =
        messageId === undefined ? items.length - 1 : items.findIndex(({ id }) => id === messageId);
      const item = items[at];
      if (!item) throw unknown();
      const isKept = send.trigger === 'regenerate-message' && !isOfAgent(item);
      const place = view.start + at + (isKept ? 1 : 0);
      return place === 0 ? null : ((await idAt(view, place - 1)) ?? null);
    }, 'top'),
  );
  return { ...send, after };
}

const unknown = () =>
  conflict(
    'outdated',
    'send: the session has no message with that `messageId`; load the session again, or send the whole list',
  );
