// What a cron job, a webhook or other code of your server does: it speaks up in a chat, without a browser.
import type { Holdfast } from '@holdfast/server';

interface Note {
  /** Names what is said: the same again, from any process, is said once. */
  readonly command: string;
  readonly text: string;
}

/** Writes an answer that no model gave. An agent in its place may ask one, with the messages of the chat. */
export const notify = (holdfast: Holdfast, chat: string, { command, text }: Note) =>
  holdfast.session(chat).run({ agent: 'notifier', command }, async function* () {
    yield { type: 'text-start', id: '1' };
    yield { type: 'text-delta', id: '1', delta: text };
    yield { type: 'text-end', id: '1' };
  });
