import type { UIMessage } from 'ai';
import { expect, test, vi } from 'vitest';
import { textOf } from '../support/chat.ts';
import {
  all,
  answer,
  lineOf,
  openRoom,
  plain,
  type Room,
  type Tab,
  turn,
} from '../support/room.ts';

const words = (text: string): UIMessage['parts'] => [{ type: 'text', text }];

const synced = (...tabs: readonly Tab[]) =>
  vi.waitFor(() => {
    for (const tab of tabs) expect(tab.sync.getSnapshot().isSynced).toBe(true);
  });

/** The nth run's prompt, as `role: text`. */
const promptOf = async (room: Room, at: number): Promise<string[]> =>
  (await room.agent.run(at)).context.messages.map(lineOf);

async function talk(turns: number) {
  const room = await openRoom();
  const other = room.join();
  const tab = room.join();
  await synced(tab, other);
  for (let at = 0; at < turns; at++) await turn(room, tab, `ask ${at}`, `reply ${at}`);
  const lines = Array.from({ length: turns }, (_, at) => [
    `user: ask ${at}`,
    `assistant: reply ${at}`,
  ]).flat();
  await all([tab, other], lines);
  return { room, tab, other, lines };
}

/** The edits of chat templates: the list is changed first, and then asked anew. */
const replaced = (tab: Tab, at: number, message: Partial<UIMessage>): UIMessage[] => [
  ...tab.chat.messages.slice(0, at),
  { ...(tab.chat.messages[at] as UIMessage), ...message },
];

test.each([
  ['under a new id', { id: 'new' }],
  ['under its old id', {}],
])('HF-HTTP-25: the last question is replaced %s, and regenerate asks that one', async (_, id) => {
  for (const turns of [1, 2, 3]) {
    const { room, tab, other, lines } = await talk(turns);
    tab.chat.messages = replaced(tab, 2 * turns - 2, { ...id, parts: words('better') });
    const sent = tab.chat.regenerate();
    const kept = [...lines.slice(0, -2), 'user: better'];
    expect(await promptOf(room, turns)).toEqual(kept);
    await answer(room, turns, 'well');
    await sent;
    await all([tab, other], [...kept, 'assistant: well']);
    expect(tab.errors).toEqual([]);
  }
});

test('HF-HTTP-25: a list that is cut and then sent to cuts the session, for everybody', async () => {
  for (const keep of [0, 2, 3, 4]) {
    const { room, tab, other, lines } = await talk(3);
    tab.chat.messages = tab.chat.messages.slice(0, keep);
    const sent = tab.chat.sendMessage({ text: 'on' });
    const kept = [...lines.slice(0, keep), 'user: on'];
    expect(await promptOf(room, 3)).toEqual(kept);
    await answer(room, 3, 'well');
    await sent;
    await all([tab, other], [...kept, 'assistant: well']);
  }
});

test('HF-HTTP-25: a question in the middle is replaced under a new id, and what follows it goes', async () => {
  const { room, tab, other, lines } = await talk(3);
  tab.chat.messages = replaced(tab, 2, { id: 'new', parts: words('better') });
  const sent = tab.chat.regenerate();
  const kept = [...lines.slice(0, 2), 'user: better'];
  expect(await promptOf(room, 3)).toEqual(kept);
  await answer(room, 3, 'well');
  await sent;
  await all([tab, other], [...kept, 'assistant: well']);
});

test.each<[string, (list: UIMessage[]) => UIMessage[], RegExp]>([
  [
    'a middle one taken away',
    (list) => list.toSpliced(1, 1),
    /message 2 .*has another one before it/,
  ],
  [
    'two in another order',
    ([a, b, c, d]) => [c, d, a, b] as UIMessage[],
    /message 3 .*in another place/,
  ],
  [
    'an invented reply',
    (list) => [...list, { id: 'x', role: 'assistant', parts: words('I agree') }],
    /message 5 .*no such message/,
  ],
  [
    'one put in between',
    (list) => list.toSpliced(2, 0, { id: 'x', role: 'user', parts: words('x') }),
    /message 3 .*no such message/,
  ],
  [
    'an earlier question changed',
    ([a, ...rest]) => [{ ...(a as UIMessage), parts: words('x') }, ...rest],
    /message 1 .*other words/,
  ],
])('HF-HTTP-27: %s is refused in words, and changes nothing', async (_, change, message) => {
  const { room, tab, other, lines } = await talk(2);
  tab.chat.messages = change([...tab.chat.messages]);
  await tab.chat.sendMessage({ text: 'on' });
  expect(tab.errors).toMatchObject([{ message: expect.stringMatching(message) as string }]);
  expect(room.agent.started).toBe(2);
  expect(other.lines).toEqual(lines);
});

test('HF-HTTP-27: a reply that is asked for behind an unknown one keeps the session whole', async () => {
  const { room, tab, other, lines } = await talk(2);
  tab.chat.messages = [{ id: 'x', role: 'assistant', parts: words('welcome') }];
  await tab.chat.regenerate({ messageId: 'x' }).catch(() => {});
  tab.chat.messages = [
    { id: 'y', role: 'assistant', parts: words('welcome') },
    { id: 'z', role: 'assistant', parts: words('anew') },
  ];
  await tab.chat.regenerate();
  expect(tab.errors.length).toBeGreaterThan(0);
  expect(room.agent.started).toBe(2);
  expect(other.lines).toEqual(lines);
});

test('HF-HTTP-25: what others wrote meanwhile, and this chat has not shown, is not cut off', async () => {
  const { room, tab, other, lines } = await talk(1);
  const back = tab.goOffline();
  await turn(room, other, 'theirs', 'to them');
  const sent = tab.chat.sendMessage({ text: 'mine' });
  back();
  const more = [...lines, 'user: theirs', 'assistant: to them', 'user: mine'];
  expect(await promptOf(room, 2)).toEqual(more);
  await answer(room, 2, 'to me');
  await sent;
  await all([tab, other], [...more, 'assistant: to me']);
});

test('HF-HTTP-14: a message whose id was used before is refused in words', async () => {
  const { room, tab, other, lines } = await talk(2);
  const [first] = tab.chat.messages;
  await tab.chat.sendMessage({
    id: first?.id ?? '',
    role: 'user',
    parts: words('new words'),
  } as UIMessage);
  expect(tab.errors).toMatchObject([{ code: 'conflict' }]);
  expect(room.agent.started).toBe(2);
  expect(other.lines).toEqual(lines);
  expect(plain(other.chat.messages)).toHaveLength(4);
  expect(textOf(other.chat.messages[0])).toBe('ask 0');
});

test('HF-HTTP-27: behind a refusal the chat shows the session again, and goes on', async () => {
  const { room, tab, other, lines } = await talk(2);
  tab.chat.messages = tab.chat.messages.toSpliced(1, 1);
  await tab.chat.sendMessage({ text: 'refused' });
  expect(tab.errors).toHaveLength(1);
  await vi.waitFor(() => expect(tab.lines).toEqual([...lines, 'user: refused']));
  const sent = tab.chat.sendMessage({ text: 'on' });
  expect(await promptOf(room, 2)).toEqual([...lines, 'user: on']);
  await answer(room, 2, 'well');
  await sent;
  await vi.waitFor(() => expect(other.lines).toEqual([...lines, 'user: on', 'assistant: well']));
});
