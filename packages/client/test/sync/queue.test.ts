import { expect, test } from 'vitest';
import { queued, told, working } from '../support/queued-tabs.ts';
import { all } from '../support/room.ts';

test('messages that wait are seen in every tab, can be moved, and become turns in that order', async () => {
  const { room, a, b, sent, run, finish } = await working();
  expect(await b.transport.enqueue(b.chat.id, 'two')).toMatchObject({ state: 'queued' });
  await a.transport.enqueue(a.chat.id, 'three');
  for (const tab of [a, b]) await told(tab, ['two', 'three']);
  const three = a.sync.getSnapshot().queue[1]?.id ?? '';
  expect(await b.transport.arrange(b.chat.id, { order: [three] })).toMatchObject([
    { id: three },
    {},
  ]);
  for (const tab of [a, b]) await told(tab, ['three', 'two']);
  const late = room.join();
  await told(late, ['three', 'two']);
  finish(run);
  await sent;
  finish(await room.agent.run(1), 'drei');
  finish(await room.agent.run(2), 'zwei');
  const end = ['user: three', 'assistant: drei', 'user: two', 'assistant: zwei'];
  await all([a, b, late], ['user: hi', 'assistant: one', ...end]);
  for (const tab of [a, b]) await told(tab, []);
});

test('a message sent by the chat itself waits, and its stream is that of its run', async () => {
  const { room, a, b, sent, run, finish } = await working();
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  for (const tab of [a, b]) await told(tab, ['two']);
  finish(run);
  await sent;
  finish(await room.agent.run(1), 'zwei');
  await waiting;
  expect(b.chat.status).toBe('ready');
  await all([a, b], ['user: hi', 'assistant: one', 'user: two', 'assistant: zwei']);
});

test('a message of the chat that somebody takes out leaves the chat, and ends its stream as a stop', async () => {
  const { a, b, sent, run, finish } = await working();
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  await told(a, ['two']);
  const { id = '' } = a.sync.getSnapshot().queue[0] ?? {};
  expect(await a.transport.arrange(a.chat.id, { remove: [id] })).toEqual([]);
  await waiting;
  finish(run);
  await sent;
  await all([a, b], ['user: hi', 'assistant: one']);
  expect(b.chat.error).toBeUndefined();
});

test('a stop takes a message of the chat out of the queue (HF-CAR-8)', async () => {
  const { a, b, sent, run, finish } = await working();
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  for (const tab of [a, b]) await told(tab, ['two']);
  await b.chat.stop();
  await waiting;
  await told(a, []);
  finish(run);
  await sent;
  await all([a, b], ['user: hi', 'assistant: one']);
});

test('a stop of all that is live ends one run, and a message of the chat that waits has its turn', async () => {
  const { room, a, b, sent, finish } = await working();
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  for (const tab of [a, b]) await told(tab, ['two']);
  expect(await b.transport.cancel(b.chat.id)).toBe('stopping');
  await sent;
  finish(await room.agent.run(1), 'zwei');
  await waiting;
  await all([a, b], ['user: hi', 'assistant: one', 'user: two', 'assistant: zwei']);
});

test('a tab without a network learns what became of the queue', async () => {
  const { room, a, b, sent, run, finish } = await working();
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  for (const tab of [a, b]) await told(tab, ['two']);
  const back = b.goOffline();
  finish(run);
  await sent;
  finish(await room.agent.run(1), 'zwei');
  await told(a, []);
  back();
  await waiting;
  await all([a, b], ['user: hi', 'assistant: one', 'user: two', 'assistant: zwei']);
});
