import type { Chunk, Message } from '@holdfast/protocol';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import { expect, test } from 'vitest';
import { quietReplay } from '../../src/session/replay.ts';
import { chunksToRest } from '../../src/session/rest.ts';
import { observe } from '../support/chat.ts';

const isAi7 = process.env.AI_SDK !== '6';

const streamOf = (chunks: readonly Chunk[]): ReadableStream<UIMessageChunk> =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(structuredClone(chunk) as never);
      controller.close();
    },
  });

async function messageOf(chunks: readonly Chunk[], message?: UIMessage): Promise<UIMessage> {
  let last: UIMessage | undefined;
  const states = readUIMessageStream({
    stream: streamOf(chunks),
    terminateOnError: true,
    ...(message ? { message: structuredClone(message) } : {}),
  });
  for await (const state of states) last = state;
  if (!last) throw new Error('no message');
  return JSON.parse(JSON.stringify(last)) as UIMessage;
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
  'a call that came whole, and failed': [
    start,
    step,
    call('c'),
    { type: 'tool-output-error', toolCallId: 'c', errorText: 'no' },
  ],
  'a dynamic call, with a preliminary output': [
    start,
    step,
    call('c', { dynamic: true }),
    { type: 'tool-output-available', toolCallId: 'c', output: 1, preliminary: true, dynamic: true },
    { type: 'tool-output-available', toolCallId: 'c', output: 2, dynamic: true },
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
    expect(await messageOf(quietReplay(chunks))).toEqual(await messageOf(chunks));
  },
);

test('onToolCall is called for open calls only, and not again for settled ones', async () => {
  const called: string[] = [];
  const chunks = [
    start,
    step,
    call('settled'),
    { type: 'tool-output-available', toolCallId: 'settled', output: 1 },
    call('failed'),
    { type: 'tool-output-error', toolCallId: 'failed', errorText: 'no' },
    call('open'),
  ];
  const view = observe({
    transport: {
      sendMessages: () => Promise.reject(new Error('not here')),
      reconnectToStream: () => Promise.resolve(streamOf(quietReplay(chunks))),
    },
    onToolCall: ({ toolCall }) => {
      called.push(toolCall.toolCallId);
    },
  });
  await view.chat.resumeStream();
  expect(view.errors).toEqual([]);
  expect(called).toEqual(['open']);
});

test.each(Object.entries(replies))(
  'a message at rest is completed from any point that was seen: %s',
  async (_, chunks) => {
    const whole = await messageOf(chunks);
    for (let cut = 0; cut <= chunks.length; cut++) {
      const seen = chunks.slice(0, cut);
      const rest = chunksToRest(whole as unknown as Message, seen);
      if (!rest) throw new Error('diverged');
      expect(await messageOf([...seen, ...rest])).toEqual(whole);
    }
  },
);

test('of the parts before the run only what became of their calls is told', async () => {
  const before = [start, step, call('c')];
  const run: Chunk[] = [
    { type: 'start', messageId: 'M' },
    { type: 'tool-output-available', toolCallId: 'c', output: 1 },
    step,
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'done' },
    { type: 'text-end', id: 't' },
  ];
  const known = await messageOf(before);
  const whole = await messageOf([...before, ...run]);
  for (let cut = 0; cut <= run.length; cut++) {
    const seen = run.slice(0, cut);
    const rest = chunksToRest(whole as unknown as Message, seen, known.parts.length) ?? [];
    expect(await messageOf([...seen, ...rest], known)).toEqual(whole);
  }
});

test('what was seen and is not in the message cannot be completed', () => {
  const message = { id: 'M', role: 'assistant', parts: [{ type: 'text', text: 'ab' }] };
  const seen = (delta: string): Chunk[] => [
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta },
  ];
  expect(chunksToRest(message, seen('x'))).toBeNull();
  expect(chunksToRest({ ...message, parts: [] }, seen(''))).toBeNull();
  expect(chunksToRest(message, [{ type: 'reset-step' }])).toBeNull();
});

test.runIf(isAi7)('parts that only the newer SDK knows are completed as they are', async () => {
  const chunks: Chunk[] = [
    start,
    { type: 'custom', kind: 'x.y' },
    { type: 'reasoning-file', url: 'data:,x', mediaType: 'text/plain' },
    call('c'),
    { type: 'tool-approval-request', approvalId: 'p', toolCallId: 'c', reason: 'why' },
    { type: 'tool-approval-response', approvalId: 'p', approved: false, reason: 'no' },
    { type: 'tool-output-denied', toolCallId: 'c' },
  ];
  const whole = await messageOf(chunks);
  expect(await messageOf(chunksToRest(whole as unknown as Message, []) ?? [])).toEqual(whole);
});
