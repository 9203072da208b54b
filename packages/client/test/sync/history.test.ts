import { expect, test, vi } from 'vitest';
import { gatedFetch } from '../support/gate.ts';
import { all, openRoom, type Room, type Tab, turn } from '../support/room.ts';

const small = { limits: { pageMessages: 4 } } as const;
const linesOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at).flatMap((at) => [
    `user: ask ${at}`,
    `assistant: reply ${at}`,
  ]);

async function talk(room: Room, tab: Tab, turns: number): Promise<void> {
  for (let at = 1; at <= turns; at++) await turn(room, tab, `ask ${at}`, `reply ${at}`);
}

const shows = (tab: Tab, lines: readonly string[]) =>
  // A session is read anew at most once a second.
  vi.waitFor(() => expect(tab.lines).toEqual(lines), 4_000);

test('older messages come page by page, in order, until there are none', async () => {
  const room = await openRoom(small);
  const other = room.join();
  await talk(room, other, 6);
  const tab = room.join();
  await shows(tab, linesOf(5, 6));
  expect(tab.sync.getSnapshot()).toMatchObject({ hasOlder: true, isLoadingOlder: false });
  expect(await tab.sync.loadOlder()).toBe(true);
  await shows(tab, linesOf(3, 6));
  expect(await tab.sync.loadOlder(20)).toBe(false);
  await all([tab, other], linesOf(1, 6));
  expect(tab.sync.getSnapshot().hasOlder).toBe(false);
  expect(await tab.sync.loadOlder()).toBe(false);
});

test('calls at once are one request, and the state says so', async () => {
  const room = await openRoom(small);
  await talk(room, room.join(), 4);
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  await shows(tab, linesOf(3, 4));
  const both = [tab.sync.loadOlder(2), tab.sync.loadOlder()];
  const request = await gate.next();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isLoadingOlder).toBe(true));
  expect(new URL(request.url).searchParams.get('limit')).toBe('2');
  request.pass();
  expect(await Promise.all(both)).toEqual([true, true]);
  await shows(tab, linesOf(2, 4));
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isLoadingOlder).toBe(false));
});

test('an error rejects and changes nothing, and the next call goes on', async () => {
  const room = await openRoom(small);
  await talk(room, room.join(), 4);
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  await shows(tab, linesOf(3, 4));
  const failed = expect(tab.sync.loadOlder()).rejects.toMatchObject({ code: 'forbidden' });
  (await gate.next()).refuse(403, 'forbidden');
  await failed;
  expect(tab.lines).toEqual(linesOf(3, 4));
  expect(tab.sync.getSnapshot()).toMatchObject({ hasOlder: true, isLoadingOlder: false });
  const again = tab.sync.loadOlder(20);
  (await gate.next()).pass();
  expect(await again).toBe(false);
  await shows(tab, linesOf(1, 4));
});

test.each([
  [409, 'conflict'],
  [400, 'bad_request'],
])(
  'a cursor that is refused with %s starts over, and then the page comes (HF-HTTP-35)',
  async (status, code) => {
    const room = await openRoom(small);
    await talk(room, room.join(), 4);
    const gate = gatedFetch();
    const tab = room.join({}, { fetch: gate.fetch });
    await shows(tab, linesOf(3, 4));
    const loaded = tab.sync.loadOlder(20);
    (await gate.next()).refuse(status, code);
    (await gate.next()).pass();
    expect(await loaded).toBe(false);
    await shows(tab, linesOf(1, 4));
  },
);

test('a page that a cut overtakes is not put in front of what it does not belong to', async () => {
  const room = await openRoom(small);
  const other = room.join();
  await talk(room, other, 4);
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  await shows(tab, linesOf(3, 4));
  const loaded = tab.sync.loadOlder(2);
  const request = await gate.next();
  const edited = other.chat.sendMessage({
    text: 'other',
    messageId: other.chat.messages[2]?.id ?? '',
  });
  const run = await room.agent.run(4);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'anew' }, { type: 'text-end', id: 't' });
  run.end();
  await edited;
  const lines = [...linesOf(1, 1), 'user: other', 'assistant: anew'];
  await shows(tab, lines);
  request.pass();
  expect(await loaded).toBe(false);
  await all([tab, other], lines);
});

test('what was loaded stays where it is when others write, and when the session is read anew', async () => {
  const room = await openRoom(small);
  const other = room.join();
  await talk(room, other, 6);
  const tab = room.join();
  await shows(tab, linesOf(5, 6));
  await tab.sync.loadOlder();
  await shows(tab, linesOf(3, 6));
  await turn(room, other, 'ask 7', 'reply 7');
  await shows(tab, linesOf(3, 7));
  tab.transport.session(room.id).startOver();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(false));
  await vi.waitFor(() => expect(tab.sync.getSnapshot().isSynced).toBe(true));
  expect(tab.lines).toEqual(linesOf(3, 7));
  expect(await tab.sync.loadOlder(100)).toBe(false);
  await all([tab, other], linesOf(1, 7));
});

test('a stop while a page is on its way changes nothing any more', async () => {
  const room = await openRoom(small);
  await talk(room, room.join(), 4);
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  await shows(tab, linesOf(3, 4));
  const loaded = tab.sync.loadOlder();
  const request = await gate.next();
  tab.sync.stop();
  request.pass();
  expect(await loaded).toBe(false);
  expect(tab.lines).toEqual(linesOf(3, 4));
  expect(await tab.sync.loadOlder()).toBe(false);
});
