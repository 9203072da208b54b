import { createMemoryLog } from '@holdfast/log';
import { type Chunk, defaultLimits } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServer } from '../support/server.ts';
import { expectWholePrompt, type Part, partsOf, send, stop, stopped } from '../support/stopping.ts';
import { ended } from '../support/talk.ts';

async function serve(agent: Agent): Promise<TestServer> {
  return await startOwnServer({ agent, clientTools: ['ask'] });
}

const begun = (toolCallId: string, ...texts: string[]): UIMessageChunk[] => [
  { type: 'tool-input-start', toolCallId, toolName: 'ask' },
  ...texts.map(
    (inputTextDelta): UIMessageChunk => ({ type: 'tool-input-delta', toolCallId, inputTextDelta }),
  ),
];
const called = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: { of: toolCallId },
});
const asked = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `a-${toolCallId}`,
  toolCallId,
});
const given = (toolCallId: string, more: object = {}): UIMessageChunk => ({
  type: 'tool-output-available',
  toolCallId,
  output: 'Oslo',
  ...more,
});

it.each<[string, UIMessageChunk[], Partial<Part>[]]>([
  ['a call', [called('c1')], [stopped]],
  [
    'several calls, of which one has a result',
    [called('c1'), called('c2'), given('c1')],
    [{ state: 'output-available' }, stopped],
  ],
  [
    'a call with a result that is not its last',
    [called('c1'), given('c1', { preliminary: true })],
    [stopped],
  ],
  ['an approval that nobody gave', [called('c1'), asked('c1')], [{ state: 'output-denied' }]],
  ['a call whose input has not begun', begun('c1'), [stopped]],
  ['a call whose input was being written', begun('c1', '{"city":"Os', 'lo","d'), [stopped]],
  ['a call whose input is no object', begun('c1', '[1'), [stopped]],
  [
    'a call of a tool that is known only at run time',
    [{ type: 'tool-input-start', toolCallId: 'c1', toolName: 'ask', dynamic: true }],
    [{ ...stopped, type: 'dynamic-tool' }],
  ],
])(
  'HF-RUN-6: a stop settles %s, for clients and for the next prompt',
  async (_, chunks, expected) => {
    const gated = gatedAgent();
    const server = await serve(gated.agent);
    const { run } = await send(server);
    gated.emit({ type: 'start' }, { type: 'start-step' }, ...chunks);
    const open = (part: Part) => part.toolCallId !== undefined;
    await vi.waitFor(async () =>
      expect((await partsOf(server)).filter(open)).toHaveLength(expected.length),
    );
    await vi.waitFor(() => expect(gated.pending).toBe(0));
    await stop(server, run);
    expect((await partsOf(server)).filter(open)).toMatchObject(expected);
    await expectWholePrompt(server, expected.length);
  },
);

it('HF-RUN-6: a call that its provider executes is left alone', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  const { run } = await send(server);
  gated.emit({ type: 'start' }, { ...called('c1'), providerExecuted: true } as UIMessageChunk);
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(1));
  await stop(server, run);
  expect(await partsOf(server)).toMatchObject([{ state: 'input-available' }]);
});

it('HF-RUN-6: what a client has seen of an input is kept', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  const { run } = await send(server);
  gated.emit({ type: 'start' }, ...begun('c1', '{"city":"Oslo","d'));
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(1));
  await stop(server, run);
  const [part] = await partsOf(server);
  expect(part?.input ?? part?.rawInput).toEqual({ city: 'Oslo' });
});

it.each([
  ['what a client has seen of an input that fits into no entry is kept', {}, 300_000],
  ['it is left out where there is no room for it', { sessionFileBytes: 1_000 }, 300_000],
])('HF-RUN-6: %s', async (_, less, length) => {
  const limits = { ...defaultLimits, ...less };
  const gated = gatedAgent();
  const log = createMemoryLog({ limits });
  const server = await startOwnServer({ agent: gated.agent, clientTools: ['ask'], log, limits });
  const { run } = await send(server);
  const city = 'o'.repeat(length);
  gated.emit({ type: 'start' }, ...begun('c1', `{"city":"${city}`));
  await vi.waitFor(async () => expect(await partsOf(server)).toMatchObject([{ input: { city } }]));
  await stop(server, run);
  const [part] = await partsOf(server);
  expect(part).toMatchObject(stopped);
  expect(part?.input ?? part?.rawInput).toEqual('sessionFileBytes' in less ? {} : { city });
  await expectWholePrompt(server, 1);
});

it('HF-RUN-6: an error of the agent itself is told, also where there is no room for what it cuts off', async () => {
  const limits = { ...defaultLimits, sessionFileBytes: 1_000 };
  const gated = gatedAgent();
  const log = createMemoryLog({ limits });
  const server = await startOwnServer({ agent: gated.agent, clientTools: ['ask'], log, limits });
  const { run } = await send(server);
  const input = `{"city":"${'o'.repeat(300_000)}`;
  gated.emit({ type: 'start' }, ...begun('c1', input), { type: 'error', errorText: 'Lost.' });
  gated.end();
  await ended(server, 's', run);
  const [part] = await partsOf(server);
  expect(part).toMatchObject({ state: 'output-error' });
  expect(part?.input ?? part?.rawInput).toEqual({});
  const last = (await entriesIn(log, 's')).flatMap((each) => (each.k === 'chunks' ? each.c : []));
  expect(last.at(-1)).toEqual({ type: 'error', errorText: 'Lost.' });
});

it('HF-RUN-6: a call that was approved, and is under way in a run that goes on, is settled', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  gated.emit({ type: 'start' }, { type: 'start-step' }, called('c1'), asked('c1'));
  gated.emit({ type: 'finish-step' }, { type: 'finish' });
  gated.end();
  const { messageId, run } = await send(server);
  await ended(server, 's', run);
  const answers: Chunk[] = [{ type: 'tool-approval-response', approvalId: 'a-c1', approved: true }];
  const next = await server.send({ id: 's', continues: messageId, answers });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
  await stop(server, next.run);
  expect((await partsOf(server)).filter(({ toolCallId }) => toolCallId)).toMatchObject([stopped]);
  await expectWholePrompt(server, 1);
});

it('HF-RUN-6: an answer that came before the stop stands', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  const { messageId, run } = await send(server);
  gated.emit({ type: 'start' }, called('c1'));
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(1));
  await server.send({ id: 's', continues: messageId, answers: [given('c1') as Chunk] });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
  await stop(server, run);
  gated.end();
  expect(await partsOf(server)).toMatchObject([{ state: 'output-available', output: 'Oslo' }]);
});

it('HF-RUN-6: calls stay open while another run writes into the message', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  const { messageId, run } = await send(server);
  gated.emit({ type: 'start' }, called('c1'), called('c2'));
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(2));
  const answers = [given('c1') as Chunk];
  const other = await server.send({ id: 's', continues: messageId, answers });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
  await stop(server, run);
  expect((await partsOf(server))[1]).toMatchObject({ state: 'input-available' });
  await stop(server, other.run);
  expect((await partsOf(server))[1]).toMatchObject(stopped);
  await expectWholePrompt(server, 2);
});

it('HF-RUN-6: what a tool had done when the stop came is told; nothing else is let through', async () => {
  const agent: Agent = ({ signal }) =>
    (async function* (): AsyncGenerator<UIMessageChunk> {
      yield* [{ type: 'start' }, called('c1'), called('c2')] as UIMessageChunk[];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield* [given('c1'), given('c2', { preliminary: true }), ...answer('late').slice(1)];
    })();
  const server = await serve(agent);
  const { run } = await send(server);
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(2));
  await stop(server, run);
  expect(await partsOf(server)).toMatchObject([{ state: 'output-available' }, stopped]);
});

it('HF-RUN-6: text and reasoning that were being written are over, and a stop ends with `abort`', async () => {
  const gated = gatedAgent();
  const server = await serve(gated.agent);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  const { run } = await send(server);
  gated.emit(
    { type: 'start' },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Well' },
    ...answer('Hello').slice(1, 4),
  );
  await vi.waitFor(async () => expect(await partsOf(server)).toHaveLength(2));
  await stop(server, run);
  expect(await partsOf(server)).toMatchObject([
    { type: 'reasoning', text: 'Well', state: 'done' },
    { type: 'text', text: 'He', state: 'done' },
  ]);
  await client.entry('run-end');
  const chunks = client.entries.flatMap(({ d }) => (d.k === 'chunks' ? [...d.c] : []));
  expect(chunks.slice(-3).map(({ type }) => type)).toEqual(['reasoning-end', 'text-end', 'abort']);
});
