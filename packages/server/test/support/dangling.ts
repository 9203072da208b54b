import { createOpenAI } from '@ai-sdk/openai';
import { type OpenAiApi, openAiApi } from '@holdfast/testkit/openai-api';
import { convertToModelMessages, streamText, tool, type UIMessageChunk } from 'ai';
import { setupServer } from 'msw/node';
import { afterEach, expect } from 'vitest';
import { z } from 'zod';
import type { Agent, HoldfastOptions } from '../../src/index.ts';
import { startServer, type TestServer } from './server.ts';
import { allPages } from './talk.ts';

export const peers: { close(): void }[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

export const call = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: {},
});
export const approval = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `a-${toolCallId}`,
  toolCallId,
});

/** Its first answers are those chunks; then it is the real provider, on an API that records. */
export function agentOf(...first: (readonly UIMessageChunk[])[]): {
  agent: Agent;
  api: OpenAiApi;
} {
  const api = openAiApi({ pieces: ['Well.'] });
  const peer = setupServer(...api.handlers);
  peer.listen({ onUnhandledFrame: 'bypass' });
  peers.push(peer);
  const openai = createOpenAI({ apiKey: 'test' });
  const answers = [...first];
  const agent: Agent = async ({ messages, signal }) => {
    const chunks = answers.shift();
    if (chunks)
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield* chunks;
        yield { type: 'finish' };
      })();
    return streamText({
      model: openai('gpt-5'),
      tools: { ask: tool({ inputSchema: z.object({}) }) },
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      maxRetries: 0,
      onError: () => {},
    } as unknown as Parameters<typeof streamText>[0]);
  };
  return { agent, api };
}

interface Item {
  readonly type?: string;
  readonly call_id?: string;
  readonly output?: unknown;
}

/** OpenAI's rule: every call of the input has one output. */
export function outputsOf(api: ReturnType<typeof openAiApi>): readonly unknown[] {
  const input = api.requests.at(-1)?.body.input as readonly Item[];
  const idsOf = (type: string) =>
    input.filter((item) => item.type === type).map((item) => item.call_id);
  expect(idsOf('function_call').sort()).toEqual(idsOf('function_call_output').sort());
  return input.filter(({ type }) => type === 'function_call_output').map(({ output }) => output);
}

export async function serve(agent: Agent, options: HoldfastOptions = {}): Promise<TestServer> {
  const server = await startServer({ agent, ...options });
  peers.push({ close: () => void server[Symbol.asyncDispose]() });
  return server;
}

export const stateOf = async (
  server: TestServer,
  toolCallId: string,
): Promise<string | undefined> =>
  (await allPages(server, 's'))
    .flatMap(({ parts }) => parts as readonly { toolCallId?: string; state?: string }[])
    .find((part) => part.toolCallId === toolCallId)?.state;

/** An agent whose first run calls tools and waits for them for ever, whatever its signal says. */
export function heedless(...first: readonly UIMessageChunk[]): {
  agent: Agent;
  api: OpenAiApi;
} {
  const { agent: provider, api } = agentOf();
  let finish = (): void => {};
  const hanging = new Promise<void>((resolve) => {
    finish = resolve;
  });
  peers.push({ close: () => finish() });
  let isFirst = true;
  const agent: Agent = (context) => {
    if (!isFirst) return provider(context);
    isFirst = false;
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      yield* first;
      await hanging;
    })();
  };
  return { agent, api };
}
