import { createMemoryLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { defaultLimits } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import type { UIMessageChunk } from 'ai';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const keyOf = (id: string) => ({ id, key: crypto.getRandomValues(new Uint8Array(32)) });
const stores = [
  ['in memory', () => createMemoryLog()],
  ['on Redis', () => createRedisLog({ redis: inject('redisUrl'), prefix: uniquePrefix() })],
] as const;

async function setUp(make: (typeof stores)[number][1], agent: Agent, keys = [keyOf('k')]) {
  const log = make();
  onTestFinished(() => log.close());
  const server = await startOwnServer({ log, agent, encryption: { keys } });
  const ended = () =>
    vi.waitFor(
      async () => {
        const state = await server.holdfast.session('s1').state();
        expect(state.runs.at(-1)?.state).toMatch(/finished|failed/);
        return state;
      },
      { timeout: 20_000 },
    );
  return { log, server, ended };
}

const writing = (...chunks: readonly UIMessageChunk[]): Agent =>
  async function* () {
    yield { type: 'start' } as UIMessageChunk;
    yield* chunks;
    yield { type: 'finish' } as UIMessageChunk;
  } as unknown as Agent;

const text = (delta: string): UIMessageChunk[] => [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta },
  { type: 'text-end', id: 't' },
];

const output = (bytes: number): UIMessageChunk[] => [
  { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} },
  { type: 'tool-output-available', toolCallId: 'c', output: 'o'.repeat(bytes) },
];

/** What is around the words of a chunk in its entry. */
const around = 400;

it.each(
  stores.flatMap(([where, make]) =>
    [200_000, 250_000, defaultLimits.entryBytes - around].flatMap((bytes) => [
      [`a delta of ${bytes} bytes`, where, make, text('d'.repeat(bytes)), bytes] as const,
      [`an output of ${bytes} bytes`, where, make, output(bytes), bytes] as const,
    ]),
  ),
)('HF-LOG-38: with encryption %s is written, %s', async (_, _where, make, chunks, bytes) => {
  const { server, ended } = await setUp(make, writing(...chunks));
  await server.send({ id: 's1', command: 'c1', message: userMessage('m1', 'hello') });
  const { runs, messages } = await ended();
  expect(runs.at(-1)).toMatchObject({ state: 'finished' });
  expect(JSON.stringify(messages.at(-1)).length).toBeGreaterThan(bytes);
  expect(server.errors).toEqual([]);
});

it.each(stores)(
  'HF-LOG-37: a repeated send is known over a rotation, and another one is refused, %s',
  async (_, make) => {
    const log = make();
    onTestFinished(() => log.close());
    const [old, fresh] = [keyOf('old'), keyOf('fresh')];
    const agent = writing(...text('hi'));
    const before = await startOwnServer({ log, agent, encryption: { keys: [old] } });
    const after = await startOwnServer({ log, agent, encryption: { keys: [fresh, old] } });
    const sent = { id: 's1', command: 'c1', trigger: 'submit-message' as const };
    const first = await before.send({ ...sent, message: userMessage('m1', 'my PIN is 4711') });
    const again = await after.send({ ...sent, message: userMessage('m1', 'my PIN is 4711') });
    expect(again.run).toBe(first.run);
    const other = await after.post({ ...sent, message: userMessage('m1', 'my PIN is 0815') });
    expect(other.status).toBe(409);
  },
);

it('HF-LOG-36: who follows a session whose store was changed is told of a fault, and of nothing else', async () => {
  const plain = createMemoryLog();
  const { server, ended } = await setUp(() => plain, writing(...text('hi')));
  await server.send({ id: 's1', command: 'c1', message: userMessage('m1', 'hello') });
  await ended();
  await plain.send('s1', { command: 'forged', entries: [{ nonce: 9, body: '{"k":"message"}' }] });
  const other = await startOwnServer({ log: plain, encryption: { keys: [keyOf('k')] } });
  const response = await fetch(`${other.api}/s1`);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    error: {
      code: 'internal',
      message: 'unable to do this: a fault of the server; try again later',
    },
  });
  await vi.waitFor(() => expect(other.errors).not.toEqual([]));
  expect(String(other.errors[0])).toMatch(/unable to read the session/);
});
