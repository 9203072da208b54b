import { type Chunk, foldChunks, type Message, withResponses } from '@holdfast/protocol';
import { settles } from '@holdfast/protocol/projection';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { quietReplay } from '../../src/session/replay.ts';
import { createFolding } from '../../src/sync/folding.ts';

/** What the SDK shows of chunks as they came over a wire. */
async function shown(chunks: readonly Chunk[]): Promise<Message> {
  const stream = new ReadableStream<UIMessageChunk>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(JSON.parse(JSON.stringify(chunk)) as never);
      controller.close();
    },
  });
  let last: UIMessage | undefined;
  const onError = (error: unknown) => {
    throw error;
  };
  for await (const state of readUIMessageStream({ stream, onError, terminateOnError: true }))
    last = state;
  return last as unknown as Message;
}

const maybe = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined });
const json = fc.jsonValue({ maxDepth: 1 });
/** Inputs that models give: the SDK's own parser refuses a text with one of these names in it. */
const inputs = json.filter((value) => !/"(__proto__|constructor)":/.test(JSON.stringify(value)));
const callOf = fc.record({
  isTyped: fc.boolean(),
  dynamic: maybe(true),
  title: maybe('Ask'),
  providerMetadata: maybe({ p: { signature: 's' } }),
  isExecuted: fc.boolean(),
  input: inputs,
  isApproved: fc.option(fc.boolean(), { nil: undefined }),
  end: fc.constantFrom('output', 'preliminary', 'error', 'denied', 'input-error', 'open'),
  output: json,
});

/** The chunks of a call, as models and tools write them. */
function chunksOf(call: typeof callOf extends fc.Arbitrary<infer T> ? T : never, at: number) {
  const { isTyped, dynamic, title, providerMetadata, isApproved, end, input, output } = call;
  const toolCallId = `c${at}`;
  const providerExecuted = call.isExecuted || undefined;
  const named = { toolCallId, toolName: 'ask', dynamic, title, providerExecuted, providerMetadata };
  const text = JSON.stringify(input);
  const chunks: Chunk[] = [];
  if (isTyped)
    chunks.push(
      { ...named, type: 'tool-input-start' },
      { type: 'tool-input-delta', toolCallId, inputTextDelta: text.slice(0, 1) },
      { type: 'tool-input-delta', toolCallId, inputTextDelta: text.slice(1) },
    );
  const errorText = 'no';
  if (end === 'input-error')
    return [...chunks, { ...named, type: 'tool-input-error', input, errorText }];
  chunks.push({ ...named, type: 'tool-input-available', input });
  const approvalId = `p${at}`;
  if (isApproved !== undefined || end === 'denied')
    chunks.push(
      { type: 'tool-approval-request', toolCallId, approvalId },
      { type: 'tool-approval-response', approvalId, approved: isApproved ?? false },
    );
  const settled = { toolCallId, dynamic, providerExecuted };
  if (end === 'preliminary')
    chunks.push({ ...settled, type: 'tool-output-available', output, preliminary: true });
  if (end === 'output' || end === 'preliminary')
    chunks.push({ ...settled, type: 'tool-output-available', output });
  if (end === 'error') chunks.push({ ...settled, type: 'tool-output-error', errorText });
  if (end === 'denied') chunks.push({ type: 'tool-output-denied', toolCallId });
  return chunks;
}

const replies = fc
  .record({
    calls: fc.array(callOf, { maxLength: 4 }),
    messageMetadata: maybe({ a: 1 }),
    isOver: fc.boolean(),
  })
  .map(({ calls, messageMetadata, isOver }): Chunk[] => [
    { type: 'start', messageId: 'M', messageMetadata },
    { type: 'start-step' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Let me see.' },
    { type: 'text-end', id: 't' },
    ...calls.flatMap(chunksOf),
    { type: 'finish-step' },
    ...(isOver ? [{ type: 'finish' }] : []),
  ]);

/** The SDK adds `rawInput: undefined` to a dynamic call where it writes into it; for a denial it does not. */
function withRawInputs(message: Message): Message {
  for (const part of message.parts as { type: string; state?: string; rawInput?: unknown }[])
    if (part.type === 'dynamic-tool' && part.state === 'output-denied') part.rawInput ??= undefined;
  return message;
}

test('HF-FOLD-1: a replay has the members of what it replays, also where they are undefined', async () => {
  await fc.assert(
    fc.asyncProperty(replies, async (chunks) => {
      const replayed = await shown(quietReplay(foldChunks(chunks), settles));
      expect(withRawInputs(replayed)).toStrictEqual(withRawInputs(await shown(chunks)));
    }),
    { numRuns: 500 },
  );
});

test('HF-FOLD-1: what a synced chat folds has the members that the SDK gives, also where they are undefined', async () => {
  await fc.assert(
    fc.asyncProperty(replies, async (chunks) => {
      const folding = createFolding('M', () => {});
      folding.grow(foldChunks(JSON.parse(JSON.stringify(chunks)) as Chunk[]));
      folding.close();
      await vi.waitFor(() => expect(folding.isBusy).toBe(false), { interval: 1 });
      expect(folding.message).toStrictEqual(withResponses(await shown(chunks), chunks));
    }),
    { numRuns: 100 },
  );
});
