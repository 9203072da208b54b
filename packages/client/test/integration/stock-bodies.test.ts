import {
  DefaultChatTransport,
  type HttpChatTransportInitOptions,
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
} from 'ai';
import { describe, expect, test } from 'vitest';
import { text } from '../support/server.ts';
import { stockTalk } from '../support/stock-talk.ts';

type Prepare = NonNullable<HttpChatTransportInitOptions<UIMessage>['prepareSendMessagesRequest']>;

/** Bodies as the SDK's pages show them. */
const shapes: readonly (readonly [string, Prepare])[] = [
  [
    'the whole list',
    ({ id, messages, trigger, messageId }) => ({ body: { id, messages, trigger, messageId } }),
  ],
  [
    'the last message, with what is done',
    ({ id, messages, trigger, messageId }) =>
      trigger === 'submit-message'
        ? { body: { trigger, id, message: messages.at(-1), messageId } }
        : { body: { trigger, id, messageId } },
  ],
];

const talk = (turns: number, prepareSendMessagesRequest: Prepare) =>
  stockTalk(
    turns,
    ({ api }) => new DefaultChatTransport<UIMessage>({ api, prepareSendMessagesRequest }),
    { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls },
  );

describe.each(shapes)('HF-HTTP-39: a stock client that sends %s', (_, prepare) => {
  test('sends, edits and asks again', async () => {
    const { answer, chat, errors, lines, shown } = await talk(3, prepare);
    const messageId = chat.messages[2]?.id ?? '';
    const [edited] = await Promise.all([
      answer(3, 'well'),
      chat.sendMessage({ text: 'better', messageId }),
    ]);
    expect(edited).toEqual(['user: ask 0', 'assistant: reply 0', 'user: better']);
    const [again] = await Promise.all([answer(4, 'anew'), chat.regenerate()]);
    expect(again).toEqual(edited);
    const first = chat.messages[1]?.id ?? '';
    const [back] = await Promise.all([
      answer(5, 'from the start'),
      chat.regenerate({ messageId: first }),
    ]);
    expect(back).toEqual(['user: ask 0']);
    expect(errors).toEqual([]);
    expect(await shown()).toEqual(lines());
  });

  test('answers a tool', async () => {
    const { chat, errors, gated, lines, shown } = await talk(1, prepare);
    const sent = chat.sendMessage({ text: 'look' });
    const run = await gated.run(1);
    run.emit({ type: 'start' }, { type: 'start-step' });
    run.emit({ type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} });
    run.end();
    await sent;
    await chat.addToolOutput({ tool: 'ask', toolCallId: 'c', output: 'yes' } as never);
    const next = await gated.run(2);
    next.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'seen'), { type: 'finish' });
    next.end();
    await expect.poll(() => [chat.status, errors]).toEqual(['ready', []]);
    expect(errors).toEqual([]);
    expect(await shown()).toEqual(lines());
  });
});

test('HF-HTTP-39: a body of an id and a message alone is a new message', async () => {
  const { answer, chat, errors, lines, shown } = await talk(2, ({ id, messages }) => ({
    body: { id, message: messages.at(-1) },
  }));
  const [prompt] = await Promise.all([answer(2, 'well'), chat.sendMessage({ text: 'on' })]);
  expect(prompt).toEqual(lines().slice(0, -1));
  expect(errors).toEqual([]);
  expect(await shown()).toEqual(lines());
});

test('HF-HTTP-39: what the session does not have is not edited, and nothing is lost', async () => {
  const { server, id, shown } = await talk(1, ({ id, messages }) => ({
    body: { id, message: messages.at(-1) },
  }));
  const before = await shown();
  const message = { id: 'x', role: 'user', parts: [{ type: 'text', text: 'hi' }] };
  for (const body of [
    { id, message, messageId: 'x', trigger: 'submit-message' },
    { id, messageId: 'x', trigger: 'regenerate-message' },
  ]) {
    const refused = await server.post(body);
    expect([refused.status, await refused.text()]).toEqual([
      409,
      expect.stringMatching(/no message with that `messageId`/),
    ]);
  }
  expect((await server.post({ id, message: 'hi' })).status).toBe(400);
  expect(await shown()).toEqual(before);
});
