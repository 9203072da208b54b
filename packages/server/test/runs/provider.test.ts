import { createOpenAI } from '@ai-sdk/openai';
import { openAiApi } from '@holdfast/testkit/openai-api';
import { call, fail, say, scriptedModel, think } from '@holdfast/testkit/scripted-model';
import { createGate } from '@holdfast/testkit/scripted-model-gate';
import { convertToModelMessages, stepCountIs, streamText, tool, type UIMessage } from 'ai';
import { setupServer } from 'msw/node';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/index.ts';
import { startServer, userMessage } from '../support/server.ts';

const peers: { close(): void }[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

type Model = Parameters<typeof streamText>[0]['model'];

const agentOf =
  (model: Model, more: Partial<Parameters<typeof streamText>[0]> = {}): Agent =>
  async ({ messages, signal }) =>
    streamText({
      ...more,
      model,
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      maxRetries: 0,
      onError: () => {},
    } as Parameters<typeof streamText>[0]);

async function ended(api: string) {
  return await vi.waitFor(
    async () => {
      const snapshot = (await (await fetch(`${api}/s1`)).json()) as {
        messages: UIMessage[];
        runs: { state: string }[];
      };
      expect(snapshot.runs.at(-1)?.state).toMatch(/finished|stopped|failed/);
      return snapshot;
    },
    { timeout: 20_000 },
  );
}

it('streams a real streamText result, with reasoning and a server tool over two steps', async () => {
  const model = scriptedModel({
    script: ({ index }) =>
      index === 0
        ? [think('Let me look.'), call('weather', { city: 'Oslo' })]
        : [say('It is sunny in Oslo.')],
  });
  const tools = {
    weather: tool({
      description: 'The weather',
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `sunny in ${city}`,
    }),
  };
  await using server = await startServer({
    agent: agentOf(model as unknown as Model, { tools, stopWhen: stepCountIs(3) } as never),
  });
  const sent = await server.send({ id: 's1', message: userMessage('m1', 'Weather?') });
  const { messages, runs } = await ended(server.api);
  expect(runs[0]?.state).toBe('finished');
  expect(messages[1]).toMatchObject({
    id: sent.messageId,
    role: 'assistant',
    parts: [
      { type: 'step-start' },
      { type: 'reasoning', text: 'Let me look.' },
      { type: 'tool-weather', state: 'output-available', output: 'sunny in Oslo' },
      { type: 'step-start' },
      { type: 'text', text: 'It is sunny in Oslo.' },
    ],
  });
});

it('leaves reasoning out when the option says so', async () => {
  const model = scriptedModel({ script: [think('secret thoughts'), say('Hello')] });
  await using server = await startServer({
    agent: agentOf(model as unknown as Model),
    sendReasoning: false,
  });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const { messages } = await ended(server.api);
  expect(JSON.stringify(messages)).not.toContain('secret thoughts');
});

it('HF-RUN-5: a provider that fails in mid-stream keeps what came, and hides why', async () => {
  const model = scriptedModel({ script: [say('Hello'), fail(new Error('sk-secret'))] });
  await using server = await startServer({ agent: agentOf(model as unknown as Model) });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const { messages, runs } = await ended(server.api);
  expect(runs[0]?.state).toBe('failed');
  expect(messages[1]?.parts).toContainEqual(expect.objectContaining({ text: 'Hello' }));
  expect(JSON.stringify(messages)).not.toContain('sk-secret');
});

it('HF-RUN-4: Stop aborts the request to the OpenAI API, and what came stays', async () => {
  const gate = createGate();
  const api = openAiApi({ pieces: ['The ', 'quick ', 'brown ', 'fox'], gate });
  const peer = setupServer(...api.handlers);
  // The API peer must see only the provider's requests, not those to the server under test.
  peer.listen({ onUnhandledFrame: 'bypass' });
  peers.push(peer);
  const openai = createOpenAI({ apiKey: 'test' });
  await using server = await startServer({
    agent: agentOf(openai('gpt-5') as unknown as Model),
  });
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Go') });
  gate.open(2);
  await vi.waitFor(async () => {
    const { messages } = await (await fetch(`${server.api}/s1`)).json();
    expect(messages[1]?.parts.at(-1)?.text).toBe('The quick ');
  });
  const client = await server.greet();
  client.send({ t: 'cancel', r: 1, s: 's1', run });
  expect(await client.next('res')).toMatchObject({ ok: { state: 'stopping' } });
  expect(await api.requests[0]?.ended).toBe('aborted');
  const { messages, runs } = await ended(server.api);
  expect(runs[0]?.state).toBe('stopped');
  expect(messages[1]?.parts.at(-1)).toMatchObject({ type: 'text', text: 'The quick ' });
});
