import type { Chunk, Message } from '@holdfast/protocol';
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reduceChunks } from '../../src/session/reduce-chunks.ts';
import { textMessage } from '../../src/session/text-message.ts';

const id = fc.constantFrom('a', 'b');
const start = fc.record(
  {
    type: fc.constant('start'),
    messageId: fc.constantFrom('M', 'N'),
    messageMetadata: fc.constant({ m: 1 }),
  },
  { requiredKeys: ['type'] },
);
/** Also chunks that the reducer gives up on: deltas of parts that never began, outputs of no call. */
const chunk: fc.Arbitrary<Chunk> = fc.oneof(
  { weight: 1, arbitrary: start as fc.Arbitrary<Chunk> },
  fc.record({
    type: fc.constantFrom('text-start', 'text-end', 'reasoning-start', 'reasoning-end'),
    id,
  }),
  fc.record({
    type: fc.constantFrom('text-delta', 'reasoning-delta'),
    id,
    delta: fc.string({ maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('tool-input-available'),
    toolCallId: id,
    toolName: fc.constant('t'),
    input: fc.constant({}),
  }),
  fc.record({ type: fc.constant('tool-output-available'), toolCallId: id, output: fc.nat(3) }),
  fc.record({ type: fc.constant('data-x'), id, data: fc.nat(3), transient: fc.boolean() }),
  fc.record({ type: fc.constantFrom('start-step', 'finish-step', 'finish', 'abort') }),
  fc.record({ type: fc.constant('error'), errorText: fc.string({ maxLength: 3 }) }),
  fc.record({
    type: fc.constant('message-metadata'),
    messageMetadata: fc.record({ n: fc.nat(3) }),
  }),
);

/** What the clients of the SDK are shown: the last state, where it shows one. Kinds that it does not know come in no tail here. */
async function shown(chunks: readonly Chunk[]): Promise<unknown> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const each of structuredClone(chunks)) controller.enqueue(each as UIMessageChunk);
      controller.close();
    },
  });
  let last: unknown = { parts: [] };
  for await (const state of readUIMessageStream({ stream, onError: () => {} })) last = state;
  return last;
}

/** A message without its id, as JSON has it. */
const saidBy = (message: unknown): unknown => {
  const { parts, metadata } = message as Partial<Message> & { readonly metadata?: unknown };
  return JSON.parse(JSON.stringify({ parts, metadata }));
};

it('HF-ENT-1: a message is deep-equal to what the SDK shows of its chunks, also where it gives up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 25, size: 'max' }), async (chunks) => {
      const all = [{ type: 'start', messageId: 'M' }, ...chunks];
      expect(saidBy(await reduceChunks('M', all))).toEqual(saidBy(await shown(all)));
    }),
    { numRuns: 500 },
  );
}, 60_000);

it.each<[string, Chunk[]]>([
  ['at once', []],
  ['behind its words', [{ type: 'data-x', id: 'a', data: 1 }]],
])(
  'HF-ENT-1: a start with another id takes the place of the one before, with its metadata: %s',
  async (_, between) => {
    const first = { type: 'start', messageId: 'M', messageMetadata: { m: 1 } };
    const own = { type: 'data-x', id: 'b', data: 2 };
    const all = [first, ...between, { type: 'start', messageId: 'N' }, own];
    const message = saidBy(await reduceChunks('M', all));
    expect(message).toEqual({ parts: [own] });
    expect(message).toEqual(saidBy(await shown(all)));
  },
);

const textChunk: fc.Arbitrary<Chunk> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('text-start', 'text-end'), id }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('text-delta'),
      id,
      delta: fc.string({ maxLength: 3 }),
    }),
  },
  fc.record({ type: fc.constantFrom('start', 'start-step', 'finish-step', 'finish') }),
);

it('HF-ENT-1: a message of text alone is the one of the SDK, or left to it', async () => {
  let simple = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(textChunk, { maxLength: 12 }), async (chunks) => {
      const all = [{ type: 'start', messageId: 'M' }, ...chunks, { type: 'text-start', id: 'c' }];
      const message = textMessage('M', all);
      if (!message) return;
      simple++;
      expect(message).toEqual(await shown(all));
    }),
    { numRuns: 500 },
  );
  expect(simple).toBeGreaterThan(20);
}, 60_000);

it('an answer of steps whose texts have ended needs no reducer, and one that is open where a step ends does', () => {
  const step = [
    { type: 'start-step' },
    { type: 'text-start', id: 'a' },
    { type: 'text-delta', id: 'a', delta: 'Hi' },
  ];
  const end = [{ type: 'finish-step' }, { type: 'finish', finishReason: 'stop' }];
  expect(
    textMessage('M', [{ type: 'start' }, ...step, { type: 'text-end', id: 'a' }, ...end]),
  ).toEqual({
    id: 'M',
    role: 'assistant',
    parts: [{ type: 'step-start' }, { type: 'text', text: 'Hi', state: 'done' }],
  });
  expect(textMessage('M', [{ type: 'start' }, ...step, ...end])).toBeNull();
});

it.each<Chunk>([
  { type: 'text-start', id: 'a', providerMetadata: { p: { x: 1 } } },
  { type: 'finish', messageMetadata: { m: 1 } },
  { type: 'start', messageId: 'N' },
  { type: 'text-delta', id: 'none', delta: 'x' },
  { type: 'text-delta', id: 'a', delta: 1 },
  { type: 'data-x', data: 1 },
])('a message with %j is left to the SDK', (chunk) => {
  const begun = [{ type: 'start' }, { type: 'text-start', id: 'a' }];
  expect(textMessage('M', begun)).not.toBeNull();
  expect(textMessage('M', [...begun, chunk])).toBeNull();
});
