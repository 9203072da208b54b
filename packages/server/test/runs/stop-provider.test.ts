import { createOpenAI } from '@ai-sdk/openai';
import { openAiApi } from '@holdfast/testkit/openai-api';
import { call, say as saying, scriptedModel } from '@holdfast/testkit/scripted-model';
import { createGate } from '@holdfast/testkit/scripted-model-gate';
import * as ai from 'ai';
import { convertToModelMessages, streamText, tool, type UIMessageChunk } from 'ai';
import { setupServer } from 'msw/node';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/index.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServer } from '../support/server.ts';
import {
  expectWholePrompt,
  messagesOf,
  partsOf,
  send,
  stop,
  stopped,
} from '../support/stopping.ts';
import { say } from '../support/talk.ts';

type StreamOptions = Parameters<typeof streamText>[0];

async function serve(agent: Agent): Promise<TestServer> {
  return await startOwnServer({ agent });
}

it('HF-RUN-4: inside a long tool call: the tool is told, and its call is settled', async () => {
  const begunCall = Promise.withResolvers<AbortSignal | undefined>();
  const model = scriptedModel({ script: [call('wait', { city: 'Oslo' })] });
  const tools = {
    wait: tool({
      inputSchema: z.object({ city: z.string() }),
      execute: (_, { abortSignal }) =>
        new Promise<string>((_, reject) => {
          begunCall.resolve(abortSignal);
          abortSignal?.addEventListener('abort', () => reject(abortSignal.reason));
        }),
    }),
  };
  const server = await serve(async ({ messages, signal }) =>
    streamText({
      model: model,
      tools,
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      onError: () => {},
    } as unknown as StreamOptions),
  );
  const { run } = await send(server);
  const signal = await begunCall.promise;
  await stop(server, run);
  expect(signal?.aborted).toBe(true);
  const calls = (await partsOf(server)).filter(({ toolCallId }) => toolCallId);
  expect(calls).toMatchObject([{ ...stopped, input: { city: 'Oslo' } }]);
  await expectWholePrompt(server, 1);
});

it('HF-RUN-4: text of a request that was aborted is in the next request, word by word', async () => {
  const gate = createGate();
  const api = openAiApi({ pieces: ['The ', 'quick ', 'brown ', 'fox'], gate });
  const peer = setupServer(...api.handlers);
  peer.listen({ onUnhandledFrame: 'bypass' });
  onTestFinished(() => peer.close());
  const openai = createOpenAI({ apiKey: 'test' });
  const server = await serve(async ({ messages, signal }) =>
    streamText({
      // A model that may be sent references to what the provider has kept, in place of texts.
      model: openai('gpt-4o') as unknown as StreamOptions['model'],
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      maxRetries: 0,
      onError: () => {},
    }),
  );
  const { run } = await send(server);
  gate.open(2);
  await vi.waitFor(async () =>
    expect((await partsOf(server)).at(-1)).toMatchObject({ text: 'The quick ' }),
  );
  await stop(server, run);
  expect(await api.requests[0]?.ended).toBe('aborted');
  gate.open(4);
  await say(server, 's', 'Go on.');
  // Version 6 writes it as a list of parts, version 7 as a text.
  const next = api.requests[1]?.body.input as readonly { role?: string }[];
  expect(next.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(JSON.stringify(next[1])).toContain('"The quick "');
});

const lost = new Error('the connection to the provider was lost');

it.each<[string, () => UIMessageChunk]>([
  [
    'that breaks off',
    () => {
      throw lost;
    },
  ],
  // As the SDK tells of it.
  ['that says so in its stream', () => ({ type: 'error', errorText: 'Lost.' })],
])(
  'HF-RUN-6: what a provider %s had written is in the next request, word by word',
  async (_, fail) => {
    const api = openAiApi({ pieces: ['The ', 'quick ', 'brown ', 'fox'] });
    const peer = setupServer(...api.handlers);
    peer.listen({ onUnhandledFrame: 'bypass' });
    onTestFinished(() => peer.close());
    const openai = createOpenAI({ apiKey: 'test' });
    let turn = 0;
    const agent: Agent = async ({ messages, signal }) => {
      if (turn++ === 0)
        return (async function* (): AsyncGenerator<UIMessageChunk> {
          yield { type: 'start' };
          yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'look', input: {} };
          const providerMetadata = { openai: { itemId: 'msg_1' } };
          yield { type: 'text-start', id: 't', providerMetadata };
          yield { type: 'text-delta', id: 't', delta: 'The quick ' };
          yield fail();
        })();
      return streamText({
        model: openai('gpt-4o') as unknown as StreamOptions['model'],
        messages: await convertToModelMessages(messages),
        abortSignal: signal,
        maxRetries: 0,
        onError: () => {},
      });
    };
    const server = await serve(agent);
    await say(server, 's', 'Hi');
    const parts = await partsOf(server);
    expect(parts).toMatchObject([
      { toolCallId: 'c', state: 'output-error' },
      { type: 'text', text: 'The quick ', state: 'done' },
    ]);
    await say(server, 's', 'Go on.');
    const next = JSON.stringify(api.requests[0]?.body.input);
    expect(next).toContain('"The quick "');
    expect(next).toContain('function_call_output');
    expect(next).not.toContain('item_reference');
  },
);

type Convert = (options: object) => ReadableStream<UIMessageChunk>;

/** Looked up by name, because only `ai` 7 has the function. */
const convertV7 = (ai as unknown as Readonly<Record<string, unknown>>).toUIMessageStream as
  | Convert
  | undefined;

it('HF-RUN-4: usage that was told before the stop is kept', async () => {
  const gate = createGate();
  const model = scriptedModel({
    script: ({ index }) => (index === 0 ? [call('look', {})] : [saying(['It is ', 'sunny.'])]),
    gate,
  });
  const messageMetadata = ({ part }: { part: { type: string; usage?: object } }) =>
    part.type === 'finish-step' ? { usage: part.usage } : undefined;
  const server = await serve(async ({ messages, signal }) => {
    const result = streamText({
      model: model,
      tools: { look: tool({ inputSchema: z.object({}), execute: async () => 'sun' }) },
      stopWhen: ai.stepCountIs(2),
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      onError: () => {},
    } as unknown as StreamOptions);
    if (convertV7) return convertV7({ stream: result.stream, messageMetadata });
    return (result as unknown as { toUIMessageStream: Convert }).toUIMessageStream({
      messageMetadata,
    });
  });
  const { run } = await send(server);
  gate.open(1);
  await vi.waitFor(async () =>
    expect((await partsOf(server)).at(-1)).toMatchObject({ text: 'It is ' }),
  );
  await stop(server, run);
  expect((await messagesOf(server))[1]?.metadata).toMatchObject({
    usage: { outputTokens: expect.any(Number) },
  });
});
