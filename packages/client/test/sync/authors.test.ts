import { expect, test, vi } from 'vitest';
import { all, openRoom, type Tab, turn } from '../support/room.ts';
import { freshId, startServer } from '../support/server.ts';

const user = { id: 'user-1', role: 'user' };
const agent = { id: 'agent', role: 'agent' };
const ann = { id: 'ann', role: 'operator' };

const authorsIn = (tab: Tab) =>
  tab.chat.messages.map(({ id }) => tab.sync.getSnapshot().authorOf(id));

test('HF-ENT-10: every tab knows who wrote what, live, when it joins, and of older messages', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const one = room.join();
  const operator = room.join({}, { headers: { 'x-operator': 'ann' } });
  await turn(room, one, 'hi', 'hello');
  await operator.chat.sendMessage({ text: 'Ann here.' });
  await turn(room, one, 'more', 'yes');
  const lines = [
    'user: hi',
    'assistant: hello',
    'assistant: Ann here.',
    'user: more',
    'assistant: yes',
  ];
  await all([one, operator], lines);
  const expected = [user, agent, ann, user, agent];
  for (const tab of [one, operator])
    await vi.waitFor(() => expect(authorsIn(tab)).toEqual(expected));
  const late = room.join();
  await vi.waitFor(() => expect(late.lines).toEqual(lines.slice(-late.lines.length)));
  await vi.waitFor(() => expect(late.sync.getSnapshot().hasOlder).toBe(true));
  expect(authorsIn(late)).toEqual(expected.slice(-late.lines.length));
  while (await late.sync.loadOlder()) {}
  await all([late], lines);
  expect(authorsIn(late)).toEqual(expected);
  const { authors, messages } = await late.transport.snapshot(room.id);
  for (const { id } of messages)
    expect(authors[id]).toEqual(expected[one.chat.messages.findIndex((each) => each.id === id)]);
});

test('S5, HF-ENT-11: metadata in which a user says who wrote it stay, and change nothing of that', async () => {
  const room = await openRoom();
  const [one, other] = [room.join(), room.join()];
  const metadata = { agent: 'boss', author: { id: 'boss', role: 'operator' }, kept: true };
  await one.transport.post(room.id, { parts: [{ type: 'text', text: 'a note' }] });
  const sent = one.chat.sendMessage({ text: 'I am the boss', metadata });
  const run = await room.agent.run(0);
  run.end();
  await sent;
  await all([one, other], ['user: a note', 'user: I am the boss']);
  for (const tab of [one, other]) {
    await vi.waitFor(() => expect(tab.chat.messages[1]?.metadata).toEqual(metadata));
    expect(authorsIn(tab)).toEqual([user, user]);
  }
  expect(run.context.messages[1]?.metadata).toEqual(metadata);
});

test('who wrote a message is another function when it changed, and the same when it did not', async () => {
  const room = await openRoom();
  const tab = room.join();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(true));
  const before = tab.sync.getSnapshot().authorOf;
  await turn(room, tab, 'hi', 'hello');
  await vi.waitFor(() => expect(authorsIn(tab)).toEqual([user, agent]));
  const after = tab.sync.getSnapshot().authorOf;
  expect(after).not.toBe(before);
  tab.sync.setTyping(true);
  await vi.waitFor(() =>
    expect(tab.sync.getSnapshot().participants.map(({ state }) => state)).not.toEqual([]),
  );
  expect(tab.sync.getSnapshot().authorOf).toBe(after);
});

test('what a session began with has no author that the server would know', async () => {
  const server = await startServer(() => (async function* () {})());
  const id = freshId();
  await server.holdfast
    .session(id)
    .seed([{ id: 'constructor', role: 'user', parts: [{ type: 'text', text: 'old' }] }]);
  const response = await fetch(`${server.api}/${id}`);
  expect((await response.json()) as object).toMatchObject({ authors: {} });
  await server[Symbol.asyncDispose]();
});
