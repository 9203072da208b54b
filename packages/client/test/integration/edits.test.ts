import { createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { observe, textOf } from '../support/chat.ts';
import { common, lineOf } from '../support/room.ts';
import { freshId, gatedAgent, startServer } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';
import { behindTurns, newWords, replaceQuestions, words } from '../support/turns.ts';

/** A chat that nobody keeps in step, behind some turns. */
async function talk(turns: number, messages: UIMessage[] = []) {
  const gated = gatedAgent();
  const server = await startServer(gated.agent);
  const transport = createChatTransport<UIMessage>({
    api: server.api,
    WebSocket: sockets().WebSocket,
    ...common,
  });
  onTestFinished(async () => {
    transport.close();
    await server[Symbol.asyncDispose]();
  });
  const id = freshId();
  const talked = await behindTurns(observe({ id, transport, messages }), gated, turns);
  const shown = async () =>
    (await transport.snapshot(id)).messages.map((message) => lineOf(message));
  return { id, ...talked, shown, transport, gated, server };
}

test.each(newWords)(
  'HF-HTTP-25: a question is replaced %s, and regenerate asks that one',
  async (_, id) => {
    await replaceQuestions(talk, id);
  },
);

test('HF-HTTP-25: a list that is cut and then sent to cuts the session', async () => {
  for (const keep of [1, 2, 3, 4]) {
    const { chat, answer, lines, shown } = await talk(3);
    chat.messages = chat.messages.slice(0, keep);
    const kept = [...lines(), 'user: on'];
    const [prompt] = await Promise.all([answer(3, 'well'), chat.sendMessage({ text: 'on' })]);
    expect(prompt).toEqual(kept);
    expect(await shown()).toEqual(lines());
  }
});

test('HF-HTTP-27: a chat that was cleared and is sent to is refused in words', async () => {
  const { chat, errors, shown, gated } = await talk(2);
  const before = await shown();
  chat.messages = [];
  await chat.sendMessage({ text: 'on' });
  expect(errors).toMatchObject([
    { code: 'conflict', message: expect.stringMatching(/none of the session/) as string },
  ]);
  expect(gated.started).toBe(2);
  expect(await shown()).toEqual(before);
});

test('HF-HTTP-27: of a chat with other objects under the same ids nothing is cut in silence', async () => {
  const { id, chat, transport, errors, gated, shown } = await talk(2);
  const before = await shown();
  const behind = observe({ id, transport, messages: structuredClone(chat.messages.slice(0, 2)) });
  await behind.chat.sendMessage({ text: 'on' });
  expect(errors).toEqual([]);
  expect(behind.errors).toMatchObject([{ code: 'conflict', reason: 'outdated' }]);
  expect(gated.started).toBe(2);
  expect(await shown()).toEqual(before);
});

test('HF-HTTP-25: older messages that the session does not know are a page of the app’s, and stay', async () => {
  const greeting: UIMessage = { id: 'g', role: 'assistant', parts: words('welcome') };
  const { chat, answer, errors, shown } = await talk(2, [greeting]);
  expect(errors).toEqual([]);
  const [prompt] = await Promise.all([answer(2, 'again'), chat.regenerate()]);
  expect(prompt.at(-1)).toBe('user: ask 1');
  expect((await shown()).at(-1)).toBe('assistant: again');
});

test('HF-HTTP-14: a counter that begins anew is refused in words, and never swallowed', async () => {
  const { id, transport, shown, gated, answer } = await talk(0);
  const counted = () => {
    let next = 0;
    return observe({ id, transport, generateId: () => `m${next++}` });
  };
  const first = counted();
  await Promise.all([first.chat.sendMessage({ text: 'one' }), answer(0, 'reply')]);
  const before = await shown();
  const second = counted();
  await second.chat.sendMessage({ text: 'two' });
  expect(second.errors).toMatchObject([{ code: 'conflict', reason: 'taken' }]);
  expect(second.chat.status).toBe('error');
  expect(gated.started).toBe(1);
  expect(await shown()).toEqual(before);
  expect(textOf(second.chat.messages.at(-1))).toBe('two');
});
