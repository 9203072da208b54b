import type { SendResponse } from '@holdfast/protocol';
import { convertToModelMessages, type UIMessage } from 'ai';
import { expect } from 'vitest';
import { postJson } from './post.ts';
import { type TestServer, userMessage } from './server.ts';
import { allPages, ended } from './talk.ts';

export interface Part {
  readonly type: string;
  readonly toolCallId?: string;
  readonly state?: string;
  readonly text?: string;
  readonly input?: unknown;
  readonly rawInput?: unknown;
  readonly output?: unknown;
  readonly errorText?: string;
}

export const messagesOf = async (server: TestServer): Promise<UIMessage[]> =>
  (await allPages(server, 's')) as unknown as UIMessage[];

export const partsOf = async (server: TestServer): Promise<readonly Part[]> =>
  ((await messagesOf(server))[1]?.parts ?? []) as readonly Part[];

export const send = (server: TestServer): Promise<SendResponse> =>
  server.send({ id: 's', message: userMessage('m1', 'Go') });

export async function stop(server: TestServer, run: string): Promise<void> {
  const response = await postJson(`${server.api}/s/cancel`, { run });
  expect(await response.json()).toEqual({ state: 'stopping' });
  await ended(server, 's', run);
}

/** The rule of every provider: each call of a prompt has one result, and an object as its input. */
export async function expectWholePrompt(server: TestServer, calls: number): Promise<void> {
  const prompt = await convertToModelMessages(await messagesOf(server));
  const content = prompt.flatMap((message) =>
    typeof message.content === 'string' ? [] : [...message.content],
  ) as { type: string; toolCallId: string; input?: unknown; providerExecuted?: boolean }[];
  const made = content.filter((part) => part.type === 'tool-call' && !part.providerExecuted);
  const results = content.filter(({ type }) => type === 'tool-result');
  expect(made.map(({ toolCallId }) => toolCallId)).toHaveLength(calls);
  expect(results.map(({ toolCallId }) => toolCallId)).toEqual(
    made.map(({ toolCallId }) => toolCallId),
  );
  for (const { input } of made) expect(input).toBeTypeOf('object');
}

/** How a call looks that a stop has settled. */
export const stopped = { state: 'output-error', errorText: 'The call was stopped.' };
