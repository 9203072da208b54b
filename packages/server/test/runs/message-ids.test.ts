// The ids of answers: those of the application's making, and what the SDK's own callbacks see.
import { createMemoryLog } from '@holdfast/log';
import { call, scriptedModel, say as word } from '@holdfast/testkit/scripted-model';
import { convertToModelMessages, streamText, tool, type UIMessage } from 'ai';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { startEchoServer, startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

type Model = Parameters<typeof streamText>[0]['model'];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it('HF-ENT-2: an application makes the ids of answers: of sends, of what waited, of the server’s own runs', async () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const agent: Agent = () =>
    (async function* () {
      await opened;
      yield* answer('Well.');
    })();
  const generateId = () => crypto.randomUUID();
  const server = await startOwnServer({ agent, whileBusy: 'queue', generateId });
  const first = await server.send({ id: 's', message: userMessage('u1', 'one') });
  await server.send({ id: 's', command: 'u2', message: userMessage('u2', 'two') });
  open();
  await vi.waitFor(async () => expect(await allPages(server, 's')).toHaveLength(4));
  await server.holdfast.session('t').run({ agent: 'critic' }, () =>
    (async function* () {
      yield* answer('Hm.');
    })(),
  );
  const answers = [...(await allPages(server, 's')), ...(await allPages(server, 't'))].filter(
    ({ role }) => role === 'assistant',
  );
  expect(answers).toHaveLength(3);
  expect(answers[0]?.id).toBe(first.messageId);
  for (const { id } of answers) expect(id).toMatch(uuid);
});

it.each([
  ['no text', () => 7 as never, /no text/],
  ['an id that no message can have', () => 'a\nb', /no text/],
  ['an id that the session has', () => 'u1', /that the session has/],
])('HF-ENT-2: %s is refused aloud, and nothing is written', async (_, generateId, words) => {
  const log = createMemoryLog();
  await say(await startEchoServer({ log }), 's', 'Hello', { message: userMessage('u1', 'Hello') });
  const server = await startEchoServer({ log, generateId });
  const before = await log.head('s');
  const sent = server.send({ id: 's', message: userMessage('u2', 'Hello?') });
  await expect(sent).rejects.toThrow(/500 .*internal/);
  expect(String(server.errors[0])).toMatch(words);
  expect(await log.head('s')).toEqual(before);
});

/** An agent that stores what it wrote in the SDK's own callback, as docs/history.md shows it. */
const storing =
  (model: Model, store: (message: UIMessage) => void): Agent =>
  async ({ messages, messageId }) => {
    const result = streamText({
      model,
      messages: await convertToModelMessages(messages),
      tools: { ask: tool({ inputSchema: z.object({}) }) },
    });
    return result.toUIMessageStream({
      originalMessages: messages,
      generateMessageId: () => messageId,
      onFinish: ({ responseMessage }) => store(responseMessage),
    });
  };

it('HF-ENT-2: the SDK’s onFinish sees the id that clients show, also where an answer goes on', async () => {
  const model = scriptedModel({
    script: ({ index }) => (index === 0 ? [call('ask', {})] : [word('Oslo.')]),
  });
  const stored: UIMessage[] = [];
  const agent = storing(model as unknown as Model, (message) => stored.push(message));
  const server = await startOwnServer({ agent });
  const { messageId } = await say(server, 's', 'Where am I?');
  const part = stored[0]?.parts.find((each) => each.type === 'tool-ask');
  const toolCallId = part && 'toolCallId' in part ? part.toolCallId : '';
  const answers = [{ type: 'tool-output-available', toolCallId, output: 'Oslo' }];
  const { run } = await server.send({ id: 's', continues: messageId, answers });
  await ended(server, 's', run);
  const shown = await allPages(server, 's');
  expect(stored.map(({ id }) => id)).toEqual([messageId, messageId]);
  expect(JSON.parse(JSON.stringify(stored.at(-1)))).toEqual(shown.at(-1));
});
