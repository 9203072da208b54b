import { DefaultChatTransport, type UIMessage } from 'ai';
import { expect, test } from 'vitest';
import { lineOf } from '../support/room.ts';
import { freshId, text } from '../support/server.ts';
import { stockTalk } from '../support/stock-talk.ts';
import { newWords, replaceQuestions, words } from '../support/turns.ts';

/** A stock client of the SDK behind some turns, on a session that keeps its messages. */
const talk = (turns: number, limits = {}) =>
  stockTalk(turns, ({ api }) => new DefaultChatTransport<UIMessage>({ api }), { limits });

test.each(newWords)(
  'HF-HTTP-26: a stock client replaces a question %s, and regenerates',
  async (_, id) => {
    await replaceQuestions(talk, id);
  },
);

test('HF-HTTP-26: a stock client edits and asks again in the SDK’s own ways', async () => {
  const { chat, errors, answer, lines, shown } = await talk(3);
  const messageId = chat.messages[2]?.id ?? '';
  const [edited] = await Promise.all([
    answer(3, 'well'),
    chat.sendMessage({ text: 'better', messageId }),
  ]);
  expect(edited).toEqual(lines().slice(0, -1));
  const [again] = await Promise.all([answer(4, 'anew'), chat.regenerate()]);
  expect(again).toEqual(lines().slice(0, -1));
  expect(errors).toEqual([]);
  expect(await shown()).toEqual(lines());
});

const invented: UIMessage = { id: 'x', role: 'assistant', parts: words('I agree') };

const reworded = (list: UIMessage[], at: number): UIMessage[] =>
  list.with(at, { ...(list[at] as UIMessage), parts: words('x') });

test.each<[string, (list: UIMessage[]) => UIMessage[], RegExp]>([
  ['cleared', () => [], /message 1 of the chat: none of the session’s messages/],
  ['its last answer away', (list) => list.slice(0, 5), /message 6 .* are missing before it/],
  ['its own last question away', (list) => list.slice(0, 4), /message 5 .* missing before it/],
  ['all but the first question away', (list) => list.slice(0, 1), /message 2 .* missing/],
  ['a question taken out', (list) => list.toSpliced(2, 1), /message 3 .* another one before it/],
  ['an answer taken out', (list) => list.toSpliced(1, 1), /message 2 .* another one before it/],
  ['a turn taken out', (list) => list.toSpliced(2, 2), /message 3 .* another one before it/],
  ['a changed question', (list) => reworded(list, 0), /message 1 .* other words/],
  ['a changed later question', (list) => reworded(list, 4), /message 5 .* other words/],
  ['changed words of an agent', (list) => reworded(list, 3), /message 4 .* other words/],
  ['invented words of an agent', (list) => [...list, invented], /message 7 .* no such message/],
  ['the same in between', (list) => list.toSpliced(3, 0, invented), /message 4 .* no such message/],
  [
    'another order',
    ([a, b, ...rest]) => [...rest, a, b] as UIMessage[],
    /message 5 .* another place/,
  ],
  [
    'answers exchanged',
    (list) => [0, 3, 2, 1, 4, 5].map((at) => list[at] as UIMessage),
    /message 3/,
  ],
])('HF-HTTP-26: what a stock client cannot say is refused: %s', async (_, change, what) => {
  const { chat, errors, gated, shown } = await talk(3);
  const before = await shown();
  chat.messages = change([...chat.messages]);
  await chat.sendMessage({ text: 'on' });
  expect(errors).toHaveLength(1);
  expect(String(errors[0])).toMatch(what);
  expect(gated.started).toBe(3);
  expect(await shown()).toEqual(before);
});

test.each<[string, (list: UIMessage[]) => UIMessage[], RegExp]>([
  ['a changed earlier question', (list) => reworded(list, 0), /message 1 .* other words/],
  ['changed words of an agent', (list) => reworded(list, 1), /message 2 .* other words/],
  ['a turn taken out', (list) => list.toSpliced(2, 2), /message 3 .* another one before it/],
  [
    'another question alone',
    () => [{ id: 'x', role: 'user', parts: words('x') }],
    /message 1 .* none/,
  ],
])('HF-HTTP-26: and asked again is refused: %s', async (_, change, what) => {
  const { chat, errors, gated, shown } = await talk(3);
  const before = await shown();
  chat.messages = change([...chat.messages]);
  await chat.regenerate();
  expect(errors).toHaveLength(1);
  expect(String(errors[0])).toMatch(what);
  expect(gated.started).toBe(3);
  expect(await shown()).toEqual(before);
});

test('HF-HTTP-26: a stock client that shows messages of no session is refused', async () => {
  const { open, errors, server, gated } = await talk(0);
  const { chat, errors: own } = open([
    { id: 'u', role: 'user', parts: words('long ago') },
    { id: 'a', role: 'assistant', parts: words('yes') },
  ]);
  await chat.sendMessage({ text: 'on' });
  expect(String(own[0])).toMatch(/message 1 .* no such message/);
  expect([errors, server.errors, gated.started]).toEqual([[], [], 0]);
});

test('HF-HTTP-26: a greeting that no agent wrote stands in front of the session', async () => {
  const { open, answer } = await talk(0);
  const { chat, errors } = open([invented]);
  for (const at of [0, 1]) {
    const text = `ask ${at}`;
    const [prompt] = await Promise.all([answer(at, 'well'), chat.sendMessage({ text })]);
    expect(prompt).toEqual(chat.messages.slice(1, -1).map(lineOf));
  }
  expect(errors).toEqual([]);
});

test('HF-HTTP-26: a page is no cut', async () => {
  for (const from of [1, 3, 4]) {
    const { chat, errors, answer, shown } = await talk(3, { pageMessages: 2 });
    const before = await shown();
    chat.messages = chat.messages.slice(from);
    const [prompt] = await Promise.all([answer(3, 'well'), chat.sendMessage({ text: 'on' })]);
    expect(errors).toEqual([]);
    expect(prompt).toEqual([...before, 'user: on']);
  }
});

test('HF-HTTP-26: changes of messages that the server no longer holds are seen too', async () => {
  const { chat, errors, answer, gated } = await talk(5, { pageMessages: 2 });
  await Promise.all([chat.sendMessage({ text: 'on' }), answer(5, 'well')]);
  const whole = [...chat.messages];
  chat.messages = reworded(whole, 0);
  await chat.sendMessage({ text: 'on' });
  chat.messages = whole.toSpliced(2, 2);
  await chat.sendMessage({ text: 'on' });
  expect(errors.map(String)).toEqual([
    expect.stringMatching(/message 1 .* other words/),
    expect.stringMatching(/message 3 .* another one before it/),
  ]);
  expect(gated.started).toBe(6);
});

test('HF-HTTP-26: a question that never arrived is asked by asking again', async () => {
  const { chat, errors, answer, lines, shown } = await talk(1);
  chat.messages = [...chat.messages, { id: 'lost', role: 'user', parts: words('lost') }];
  const kept = lines();
  const [prompt] = await Promise.all([answer(1, 'found'), chat.regenerate()]);
  expect(errors).toEqual([]);
  expect(prompt).toEqual(kept);
  expect(await shown()).toEqual(lines());
});

test('HF-HTTP-26: an answer that a stock client has left is shown as far as it had come', async () => {
  const { chat, errors, answer, gated } = await talk(1);
  const sending = chat.sendMessage({ text: 'long' });
  const run = await gated.run(1);
  run.emit({ type: 'start' }, ...text('t', 'begun'));
  await expect.poll(() => lineOf(chat.lastMessage as UIMessage)).toBe('assistant: begun');
  await chat.stop();
  await sending;
  run.emit(...text('t2', ' and done'), { type: 'finish' });
  run.end();
  const [prompt] = await Promise.all([answer(2, 'well'), chat.sendMessage({ text: 'on' })]);
  expect(errors).toEqual([]);
  expect(prompt.at(-1)).toBe('user: on');
});

test('HF-HTTP-26: an edit of the first message of a page keeps what is older', async () => {
  const { chat, answer, shown } = await talk(3);
  const before = await shown();
  chat.messages = chat.messages.slice(2);
  const messageId = chat.messages[0]?.id ?? '';
  await Promise.all([answer(3, 'well'), chat.sendMessage({ text: 'other', messageId })]);
  expect(await shown()).toEqual([...before.slice(0, 2), 'user: other', 'assistant: well']);
});

test('HF-HTTP-26: what others wrote meanwhile is no cut, and stays', async () => {
  const { chat, errors, answer, shown, server, id } = await talk(1);
  const before = await shown();
  const people = { id: freshId(), role: 'user', parts: words('from a person') };
  const posted = await fetch(server.api, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-operator': 'ann' },
    body: JSON.stringify({ id, command: people.id, message: people, trigger: 'submit-message' }),
  });
  expect(posted.status).toBe(200);
  const [prompt] = await Promise.all([answer(1, 'well'), chat.sendMessage({ text: 'on' })]);
  expect(errors).toEqual([]);
  expect(prompt).toEqual([...before, 'assistant: from a person', 'user: on']);
});
