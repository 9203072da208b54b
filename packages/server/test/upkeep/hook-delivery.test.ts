import { createMemoryLog } from '@holdfast/log';
import { expect, it, onTestFinished, vi } from 'vitest';
import { answer, gatedAgent, replying, saying } from '../support/gated-agent.ts';
import { lookMs, same, store } from '../support/hooked.ts';
import { changed } from '../support/logs.ts';
import { leave } from '../support/looking.ts';
import { startEchoServer, startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, say, textOf } from '../support/talk.ts';

/** Of the hook delivery: how long a reminder waits, how often they are looked for, for how long one is claimed. */
const remindMs = 30_000;
const claimMs = 60_000;

it('HF-RUN-25: the application is told of every message and truncation, in order', async () => {
  const { sessions, keys, hooks } = store();
  const server = await startEchoServer({ hooks });
  await say(server, 's', 'm1');
  await say(server, 's', 'm2');
  await same(server, sessions);
  const [m1] = await allPages(server, 's');
  await say(server, 's', 'edited', { after: m1?.id });
  await same(server, sessions);
  expect(new Set(keys).size).toBe(keys.length);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['m1', 'edited', 're: edited']);
});

it('HF-RUN-25: what failed is told again with the same key, and what comes behind it waits', async () => {
  const { sessions, keys, refused, state, hooks } = store();
  const log = createMemoryLog();
  const server = await startEchoServer({ hooks, log });
  state.fails = 1;
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(0));
  await say(server, 's', 'm2');
  await same(server, sessions);
  expect(refused).toHaveLength(1);
  expect(keys[0]).toBe(refused[0]);
  expect(new Set(keys).size).toBe(keys.length);
});

it('HF-RUN-25, HF-LOG-27: another process goes on where one died, though nothing more is written', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { sessions, keys, refused, state, hooks } = store();
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const one = await startEchoServer({ hooks, log });
  state.fails = 100;
  await say(one, 's', 'm1');
  await vi.waitFor(() => expect(one.errors.length).toBeGreaterThan(1));
  await one.holdfast.close();
  const two = await startEchoServer({ hooks, log });
  state.fails = 0;
  // The reminder is not due yet: whoever set it may be at it.
  now += remindMs - 1;
  await vi.advanceTimersByTimeAsync(lookMs);
  expect(sessions.size).toBe(0);
  now += 1;
  await vi.advanceTimersByTimeAsync(lookMs);
  await same(two, sessions);
  expect(keys[0]).toBe(refused[0]);
  // What was made up for is not made up for again.
  now += 1_000_000;
  await vi.waitFor(async () => expect(await log.due('hooks', 9, 0)).toEqual([]));
});

it('HF-RUN-25: who goes on and fails too leaves it to the next look', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { sessions, state, hooks } = store();
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const server = await startEchoServer({ hooks, log });
  state.fails = 100;
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(1));
  const failed = server.errors.length;
  now += remindMs;
  await vi.advanceTimersByTimeAsync(lookMs);
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(failed));
  state.fails = 0;
  now += claimMs;
  await vi.advanceTimersByTimeAsync(lookMs);
  await same(server, sessions);
});

it('HF-RUN-25, HF-RUN-12: the application is told of an answer whose process has died, though nothing more is written', async () => {
  const { sessions, hooks } = store();
  const log = createMemoryLog();
  await leave(log);
  const half = { k: 'chunks', run: 'r', attempt: 1, c: answer('Half').slice(0, 4) };
  const entry = { nonce: 8, body: JSON.stringify(half) };
  await log.append('s', { run: 'r', attempt: 1, seq: 1, entry });
  const server = await startEchoServer({ hooks, log });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.entry('run-end');
  await same(server, sessions);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['hi', 'Ha']);
});

it('HF-RUN-25, HF-RUN-20: of one that a stop has ended while nobody had its run', async () => {
  const { sessions, hooks } = store();
  const server = await startOwnServer({ hooks });
  const planner = { agent: 'planner', command: 'workflow 1' };
  const run = await server.holdfast.session('s').adopt(planner, async (run) => {
    await run.write('plan', saying('Plan.'));
    return run.run;
  });
  expect((await postJson(`${server.api}/s/cancel`, { run })).status).toBe(200);
  await same(server, sessions);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['Plan.']);
});

it('HF-RUN-25: of what a client has answered, also where no run goes on with that', async () => {
  const { sessions, hooks } = store();
  const call = { toolCallId: 'c', toolName: 'ask', input: {} };
  const agent = replying({ type: 'start' }, { type: 'tool-input-available', ...call });
  const server = await startOwnServer({ hooks, agent, clientTools: ['ask'] });
  const { messageId } = await say(server, 's', 'hi');
  await same(server, sessions);
  const answers = [{ type: 'tool-output-available', toolCallId: 'c', output: 'Oslo' }];
  expect((await postJson(`${server.api}/s/answer`, { messageId, answers })).status).toBe(200);
  await same(server, sessions);
  expect(JSON.stringify(sessions.get('s'))).toContain('Oslo');
});

it('HF-RUN-25, F10: the reminder is there before the application is told, also of what comes meanwhile', async () => {
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const isReminded: boolean[] = [];
  const server = await startEchoServer({
    log,
    hooks: {
      onMessage: async () => {
        now += 1_000_000;
        isReminded.push((await log.due('hooks', 9, 0)).length > 0);
      },
    },
  });
  for (const text of ['m1', 'm2', 'm3']) await say(server, 's', text);
  await vi.waitFor(() => expect(isReminded).toHaveLength(6));
  expect(isReminded).not.toContain(false);
});

it('HF-RUN-25: a process that closes tells what it began, and begins nothing more', async () => {
  const log = createMemoryLog();
  const told: string[] = [];
  let calls = 0;
  const go = Promise.withResolvers<void>();
  const server = await startEchoServer({
    log,
    hooks: {
      onMessage: async ({ message }) => {
        calls++;
        await go.promise;
        told.push(message.role);
      },
    },
  });
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(calls).toBe(1));
  const closed = server.holdfast.close();
  go.resolve();
  await closed;
  expect(told).toEqual(['user', 'assistant']);
});

it('HF-RUN-25: where entries were dropped untold, the application is told of everything anew', async () => {
  const { sessions, hooks } = store();
  const log = createMemoryLog();
  const without = await startEchoServer({ log, limits: { tailMs: 0 } });
  await say(without, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.floor).not.toBe('0-0'), {
    timeout: 20_000,
  });
  sessions.set('s', [userMessage('gone', 'gone')]);
  const server = await startEchoServer({ hooks, log });
  await say(server, 's', 'm2');
  await same(server, sessions);
});

it('entries stay in the log until the application was told', async () => {
  const { state, hooks } = store();
  const log = createMemoryLog();
  const server = await startEchoServer({ hooks, log, limits: { tailMs: 0 } });
  await say(server, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.handed).not.toBe('0-0'));
  state.fails = 1_000;
  await say(server, 's', 'm2');
  await vi.waitFor(async () => {
    const opened = await log.open('s', { limit: 1 });
    expect(opened?.checkpoint).toBe(opened?.top);
  });
  const opened = await log.open('s', { limit: 1 });
  const after = { epoch: opened?.epoch ?? '', id: opened?.handed ?? '' };
  expect(await log.read('s', { after, limit: 10 })).toMatchObject({ kind: 'entries' });
});

/** A log, and whether somebody was reminded of the hooks whenever something was written into it. */
function noting() {
  const memory = createMemoryLog();
  const noted = { now: false, atSend: [] as boolean[], atEnd: [] as boolean[] };
  const log = changed(memory, {
    send: (session, command) => {
      noted.atSend.push(noted.now);
      return memory.send(session, command);
    },
    append: (session, append) => {
      if (append.end) noted.atEnd.push(noted.now);
      return memory.append(session, append);
    },
    remind: (topic, ...note) => {
      if (topic === 'hooks') noted.now = true;
      return memory.remind(topic, ...note);
    },
    dismiss: async (reminder) => {
      await memory.dismiss(reminder);
      if (reminder.topic === 'hooks') noted.now = false;
    },
  });
  return { log, noted };
}

it('HF-RUN-25: somebody is reminded before an answer ends, also where its process dies right behind that', async () => {
  const { log, noted } = noting();
  const { agent, calls, emit, end } = gatedAgent();
  const onMessage = vi.fn();
  const server = await startOwnServer({ log, agent, hooks: { onMessage } });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() =>
    expect([calls.length, onMessage.mock.calls.length, noted.now]).toEqual([1, 1, false]),
  );
  emit(...answer('Hello.'));
  end();
  await vi.waitFor(() => expect(noted.atEnd).toEqual([true]));
});

const posted = { id: 's', command: 'c', trigger: 'submit-message', wake: false };
const given = [{ type: 'tool-output-available', toolCallId: 'c', output: 'Oslo' }];

it.each<[string, (server: TestServer, messageId: string) => Promise<Response>]>([
  ['a message', (server) => server.post({ ...posted, message: userMessage('n', 'Hi, all') })],
  [
    'a cut',
    (server) => server.post({ ...posted, message: userMessage('n', 'Hi, all'), after: null }),
  ],
  [
    'what a client has answered',
    (server, messageId) => postJson(`${server.api}/s/answer`, { messageId, answers: given }),
  ],
])('HF-RUN-25: somebody is reminded in front of %s', async (_, act) => {
  const { log, noted } = noting();
  const call = { toolCallId: 'c', toolName: 'ask', input: {} };
  const agent = replying({ type: 'start' }, { type: 'tool-input-available', ...call });
  const onMessage = vi.fn();
  const options = { log, agent, hooks: { onMessage }, clientTools: ['ask'] };
  const server = await startOwnServer(options);
  const { messageId } = await say(server, 's', 'hi');
  await vi.waitFor(() => expect([onMessage.mock.calls.length, noted.now]).toEqual([2, false]));
  noted.atSend.length = 0;
  expect((await act(server, messageId)).status).toBe(200);
  expect(noted.atSend).toEqual([true]);
});
