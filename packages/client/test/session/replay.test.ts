import type { Chunk } from '@holdfast/protocol';
import { settles } from '@holdfast/protocol/projection';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import { expect, test } from 'vitest';
import { quietReplay } from '../../src/session/replay.ts';
import { observe } from '../support/chat.ts';

const streamOf = (chunks: readonly Chunk[]): ReadableStream<UIMessageChunk> =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(structuredClone(chunk) as never);
      controller.close();
    },
  });

async function messageOf(chunks: readonly Chunk[]): Promise<UIMessage> {
  let last: UIMessage | undefined;
  const states = readUIMessageStream({ stream: streamOf(chunks), terminateOnError: true });
  for await (const state of states) last = state;
  if (!last) throw new Error('no message');
  return last;
}

const call = (id: string, more: object = {}): Chunk => ({
  type: 'tool-input-available',
  toolCallId: id,
  toolName: 'ask',
  input: { q: id },
  ...more,
});
const start: Chunk = { type: 'start', messageId: 'M', messageMetadata: { a: 1 } };
const step: Chunk = { type: 'start-step' };

const replies: { readonly [name: string]: readonly Chunk[] } = {
  'a call that was typed, with a signature, and its output': [
    start,
    step,
    { type: 'tool-input-start', toolCallId: 'c', toolName: 'ask' },
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"q":"c"}' },
    call('c', { providerMetadata: { p: { signature: 's' } }, title: 'Ask' }),
    { type: 'tool-output-available', toolCallId: 'c', output: { yes: true } },
    { type: 'finish-step' },
    step,
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'done' },
    { type: 'text-end', id: 't' },
    { type: 'finish-step' },
    { type: 'finish' },
  ],
  'a call without an input, and its output': [
    start,
    step,
    call('c', { input: undefined }),
    { type: 'tool-output-available', toolCallId: 'c', output: { yes: true } },
    { type: 'finish-step' },
    { type: 'finish' },
  ],
  'a call that came whole, and failed': [
    start,
    step,
    call('c'),
    { type: 'tool-output-error', toolCallId: 'c', errorText: 'no' },
  ],
  'a call with a signature, and an output with metadata of its own': [
    start,
    step,
    call('c', { providerMetadata: { p: { signature: 's' } } }),
    {
      ...{ type: 'tool-output-available', toolCallId: 'c', output: 1 },
      providerMetadata: { p: { of: 'the output' } },
    },
  ],
  'a dynamic call, with a preliminary output': [
    start,
    step,
    call('c', { dynamic: true }),
    { type: 'tool-output-available', toolCallId: 'c', output: 1, preliminary: true, dynamic: true },
    { type: 'tool-output-available', toolCallId: 'c', output: 2, dynamic: true },
  ],
  'a call that its tool did not take in the end': [
    start,
    step,
    call('c'),
    { type: 'tool-input-error', toolCallId: 'c', toolName: 'ask', input: 'x', errorText: 'no' },
  ],
  'two calls, the answers swapped': [
    start,
    step,
    call('c'),
    call('d'),
    { type: 'tool-output-available', toolCallId: 'd', output: 2 },
    { type: 'tool-output-available', toolCallId: 'c', output: 1 },
  ],
  'reasoning, a source, a file and data': [
    start,
    step,
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'hm' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'source-url', sourceId: 's', url: 'https://example.com' },
    { type: 'file', url: 'data:,x', mediaType: 'text/plain' },
    { type: 'data-weather', id: 'w', data: { t: 1 } },
    { type: 'data-weather', id: 'w', data: { t: 2 } },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'a' },
    { type: 'text-delta', id: 't', delta: 'b' },
    { type: 'text-end', id: 't' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'c' },
  ],
  'an approval that was asked for': [
    start,
    step,
    call('c'),
    { type: 'tool-approval-request', approvalId: 'p', toolCallId: 'c' },
  ],
  'a call that the provider executed': [
    start,
    step,
    call('c', { providerExecuted: true }),
    { type: 'tool-output-available', toolCallId: 'c', output: 1, providerExecuted: true },
  ],
};

test.each(Object.entries(replies))(
  'a quiet replay gives the same message: %s',
  async (_, chunks) => {
    expect(await messageOf(quietReplay(chunks, settles))).toStrictEqual(await messageOf(chunks));
  },
);

test('a quiet replay types a text also where a call has no input', () => {
  const settled = replies['a call without an input, and its output'] ?? [];
  expect(quietReplay(settled, settles)).toContainEqual({
    type: 'tool-input-delta',
    toolCallId: 'c',
    inputTextDelta: '',
  });
});

test('onToolCall is called for open calls only, and not again for settled ones', async () => {
  const called: string[] = [];
  const chunks = [
    start,
    step,
    call('settled'),
    { type: 'tool-output-available', toolCallId: 'settled', output: 1 },
    call('failed'),
    { type: 'tool-output-error', toolCallId: 'failed', errorText: 'no' },
    call('refused'),
    { type: 'tool-input-error', toolCallId: 'refused', toolName: 'ask', input: 1, errorText: 'no' },
    call('open'),
  ];
  const view = observe({
    transport: {
      sendMessages: () => Promise.reject(new Error('not here')),
      reconnectToStream: () => Promise.resolve(streamOf(quietReplay(chunks, settles))),
    },
    onToolCall: ({ toolCall }) => {
      called.push(toolCall.toolCallId);
    },
  });
  await view.chat.resumeStream();
  expect(view.errors).toEqual([]);
  expect(called).toEqual(['open']);
});

test('a call that its provider has executed is replayed as it came', () => {
  const chunks: readonly Chunk[] = [
    start,
    call('p', { providerExecuted: true }),
    { type: 'tool-output-available', toolCallId: 'p', output: 1, providerExecuted: true },
  ];
  expect(quietReplay(chunks, settles)).toEqual(chunks);
});
