import { expect, test, vi } from 'vitest';
import { call, outputs, stateOf } from '../support/asked-tool.ts';
import { all, openRoom, type Tab } from '../support/room.ts';
import type { GatedRun } from '../support/server.ts';

const queued = { body: { whileBusy: 'queue' } };

/** Two tabs, and a run of the first that has said something. */
async function working() {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  for (const tab of [a, b]) await tab.until(() => tab.text === 'one');
  const finish = (which: GatedRun, text = '') => {
    if (text) {
      which.emit({ type: 'start' }, { type: 'text-start', id: 't' });
      which.emit({ type: 'text-delta', id: 't', delta: text });
    }
    which.emit({ type: 'text-end', id: 't' });
    which.end();
  };
  return { room, a, b, sent, run, finish };
}

const queueOf = (tab: Tab): readonly string[] =>
  tab.sync
    .getSnapshot()
    .queue.map(({ messages }) =>
      messages.flatMap(({ parts }) => (parts as { text: string }[]).map(({ text }) => text)).join(),
    );

const told = (tab: Tab, texts: readonly string[]) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (JSON.stringify(queueOf(tab)) !== JSON.stringify(texts)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = tab.sync.subscribe(look);
    look();
  });

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

// The version before answers the last message of a chat only, which here is the one that waits.
test.runIf(process.env.AI_SDK !== '6')(
  'an answer that is given while a message of the chat waits is posted, since its turn waits for that',
  async () => {
    const { room, a, b, sent, run, finish } = await working();
    run.emit(call);
    await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
    const waiting = b.chat.sendMessage({ text: 'two' }, queued);
    for (const tab of [a, b]) await told(tab, ['two']);
    finish(run);
    await sent;
    // What is still being streamed into the chat would take the answer away again.
    const one = expect.objectContaining({ text: 'one', state: 'done' });
    await vi.waitFor(() => expect(b.chat.messages[1]?.parts).toContainEqual(one));
    const { streams } = b.transport.session(room.id);
    await vi.waitFor(() => expect(streams.size).toBe(0));
    await outputs(b);
    await vi.waitFor(() => expect(stateOf(a)).toBe('output-available'));
    await b.chat.stop();
    await waiting;
  },
);

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
