import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, type TestServerOptions, userMessage } from '../support/server.ts';

const clock = { now: 0 };

async function serve(
  options: TestServerOptions = {},
): Promise<TestServer & { readonly log: ReturnType<typeof createMemoryLog> }> {
  // What is due is due whenever it is asked for: the time of the log is the test's.
  const log = createMemoryLog({ now: () => clock.now });
  const server = await startOwnServer({ log, ...options });
  return { ...server, log };
}

const replying = () =>
  (async function* () {
    yield* answer('Hello');
  })();

const post = (server: TestServer, id: string, path: string, body: object): Promise<Response> =>
  postJson(`${server.api}/${id}/${path}`, body);

it('HF-LOG-30: hooks that were told everything leave no reminder behind', async () => {
  let told = 0;
  const server = await serve({ agent: replying, hooks: { onMessage: () => void told++ } });
  const sessions = Array.from({ length: 200 }, (_, at) => `s${at}`);
  for (let at = 0; at < sessions.length; at += 50)
    await Promise.all(
      sessions.slice(at, at + 50).map((id) => server.send({ id, message: userMessage('m', 'Hi') })),
    );
  await vi.waitFor(() => expect(told).toBe(400), { timeout: 20_000 });
  await vi.waitFor(async () => {
    clock.now += 1_000_000;
    expect(await server.log.due('hooks', 2_000, 0)).toEqual([]);
  });
}, 60_000);

it('HF-RUN-25: a hook that fails keeps its reminder, and is called again', async () => {
  let calls = 0;
  const server = await serve({
    agent: replying,
    hooks: {
      onMessage: () => {
        calls++;
        throw new Error('the database is down');
      },
    },
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(calls).toBeGreaterThan(0));
  await vi.waitFor(async () => {
    clock.now += 1_000_000;
    expect(await server.log.due('hooks', 9, 0)).toMatchObject([{ session: 's' }]);
  });
});

it.each([
  ['metadata', { metadata: 'x'.repeat(70_000) }],
  ['body', { body: { context: 'x'.repeat(70_000) } }],
])(
  'HF-LOG-29: a send with more %s than may be kept is refused where it must be kept, in words',
  async (part, extra) => {
    const keeping = await serve({ agent: replying, onLost: 'retry' });
    const plain = await serve({ agent: replying });
    const body = {
      id: 's',
      command: 'c',
      trigger: 'submit-message',
      message: userMessage('m', 'Hi'),
      ...extra,
    };
    const refused = await keeping.post(body);
    expect(refused.status).toBe(413);
    expect(((await refused.json()) as { error: { message: string } }).error.message).toContain(
      `\`${part}\``,
    );
    expect(await keeping.log.head('s')).toBeNull();
    expect((await plain.post(body)).status).toBe(200);
  },
);

it('HF-LOG-29: the same where it waits in the queue', async () => {
  const gated = gatedAgent();
  const server = await serve({ agent: gated.agent });
  await server.send({ id: 's', message: userMessage('m1', 'Hi') });
  const refused = await server.post({
    id: 's',
    command: 'c2',
    trigger: 'submit-message',
    message: userMessage('m2', 'And?'),
    whileBusy: 'queue',
    metadata: 'x'.repeat(70_000),
  });
  expect(refused.status).toBe(413);
  gated.end();
});

it('HF-LOG-29: 60 sends that are kept for another attempt leave nothing when they have ended', async () => {
  const server = await serve({ agent: replying, onLost: 'retry' });
  const metadata = 'x'.repeat(50_000);
  for (let at = 0; at < 60; at++)
    await server.send({ id: 's', message: userMessage(`m${at}`, 'Hi'), metadata });
  await vi.waitFor(async () => {
    const head = await server.log.head('s');
    expect(head?.runs).toEqual([]);
    expect(head?.bytes).toBeLessThan(150_000);
  });
  const again = await server.post({
    id: 's',
    command: 'again',
    trigger: 'submit-message',
    message: userMessage('m60', 'Hi'),
    metadata,
  });
  expect(again.status).toBe(200);
}, 60_000);

it('HF-LOG-28: cancels of commands that never come are refused before they fill anything', async () => {
  const server = await serve({ agent: replying });
  const answers: number[] = [];
  for (let at = 0; at < 105; at++)
    answers.push((await post(server, 's', 'cancel', { command: `c${at}` })).status);
  expect(answers.filter((status) => status === 200)).toHaveLength(100);
  expect(answers.slice(100)).toEqual([429, 429, 429, 429, 429]);
  // Those that were taken hold.
  expect(
    await server.send({ id: 's', command: 'c5', message: userMessage('m', 'Hi') }),
  ).toMatchObject({
    state: 'stopped',
  });
});

it('HF-LOG-31: a cancel of a command with a name of a megabyte is refused', async () => {
  const server = await serve({ agent: replying });
  const refused = await post(server, 's', 'cancel', { command: 'x'.repeat(900_000) });
  expect(refused.status).toBe(400);
});

it('S21: a session that is deleted in the middle of a run is gone with all that it had, and stays so', async () => {
  const gated = gatedAgent();
  const server = await serve({
    agent: gated.agent,
    onLost: 'retry',
    hooks: { onMessage: () => {} },
  });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  await server.send({ id: 's', message: userMessage('m1', 'a secret') });
  gated.emit(...answer('a secret answer').slice(0, 3));
  await client.entry('chunks');
  await post(server, 's', 'cancel', { command: 'early' });
  await server.post({
    id: 's',
    command: 'c2',
    trigger: 'submit-message',
    message: userMessage('m2', 'another secret'),
    whileBusy: 'queue',
  });
  expect((await fetch(`${server.api}/s`, { method: 'DELETE' })).status).toBe(204);
  expect(await client.next('closed')).toMatchObject({ why: 'deleted' });
  gated.emit(...answer('more').slice(2));
  gated.end();
  await vi.waitFor(async () => {
    clock.now += 1_000_000;
    for (const topic of ['approvals', 'hooks', 'queue', 'runs'] as const)
      expect(await server.log.due(topic, 9, 0)).toEqual([]);
  });
  expect(await server.log.head('s')).toBeNull();
  const history = await (await fetch(`${server.api}/s`)).text();
  expect(history).not.toContain('secret');
  expect(
    await server.send({ id: 's', command: 'early', message: userMessage('m3', 'Hi') }),
  ).toMatchObject({
    state: 'running',
  });
});

it('HF-LOG-29: the steps of live runs are bounded together, so that the session can always be stored', async () => {
  const outcomes: string[] = [];
  const server = await serve({
    agent: ({ step }) =>
      (async function* () {
        for (let at = 0; at < 12; at++)
          await step(`step ${at}`, () => 'x'.repeat(60_000)).then(
            () => outcomes.push('kept'),
            (error: { code: string }) => outcomes.push(error.code),
          );
        yield* answer('Done');
      })(),
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(outcomes).toHaveLength(12), { timeout: 20_000 });
  expect(outcomes.slice(0, 8)).toEqual(new Array(8).fill('kept'));
  expect(new Set(outcomes.slice(8))).toEqual(new Set(['too_large']));
  await vi.waitFor(async () => expect((await server.log.head('s'))?.runs).toEqual([]));
  expect(server.errors).toEqual([]);
});
