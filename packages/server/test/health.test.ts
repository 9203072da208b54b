import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../src/index.ts';
import { gatedAgent } from './support/gated-agent.ts';
import { startOwnServer } from './support/own-server.ts';
import { userMessage } from './support/server.ts';

const id = () => `s-${crypto.randomUUID()}`;

/** A log whose heads come when the test says. */
function heldLog() {
  const log = createMemoryLog();
  const waiting: (() => void)[] = [];
  const head: SessionLog['head'] = async (session) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return await log.head(session);
  };
  return { log: { ...log, head }, waiting };
}

it('tells what a process serves, and that it is ready', async () => {
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent });
  const session = id();
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await client.next('live');
  const events = await fetch(`${server.api}/${session}/events`);
  onTestFinished(() => events.body?.cancel());
  await server.send({ id: session, message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  expect(await server.holdfast.health()).toEqual({
    ready: true,
    phase: 'open',
    log: { state: 'reachable', latencyMs: expect.any(Number), durability: 'memory' },
    sockets: 1,
    streams: 1,
    subscriptions: 2,
    sessions: 1,
    runs: 1,
    backlog: { bytes: expect.any(Number), tasks: expect.any(Number) },
  });
  gated.end();
  await events.body?.cancel();
  client.terminate();
  await expect
    .poll(() => server.holdfast.health())
    .toMatchObject({ sockets: 0, streams: 0, subscriptions: 0, runs: 0, backlog: { tasks: 0 } });
});

it('counts the bytes that a socket has not taken, of open sockets only', async () => {
  const server = await startOwnServer();
  let gone = () => {};
  const socket = {
    protocol: 'holdfast.v1',
    bufferedAmount: 1_234,
    send: () => {},
    close: () => {},
    onMessage: () => {},
    onClose: (listener: () => void) => {
      gone = listener;
    },
  };
  server.holdfast.accept(socket, new Request('http://localhost/holdfast'));
  expect(await server.holdfast.health()).toMatchObject({ sockets: 1, backlog: { bytes: 1_234 } });
  gone();
  expect(await server.holdfast.health()).toMatchObject({ sockets: 0, backlog: { bytes: 0 } });
});

it('says of Redis that it answers, and leaves nothing there', async () => {
  const prefix = `health-${crypto.randomUUID()}`;
  const holdfast = createHoldfast({ redis: inject('redisUrl'), prefix });
  onTestFinished(() => holdfast.close());
  expect(await holdfast.health()).toMatchObject({ ready: true, log: { state: 'reachable' } });
});

it('says of a Redis that is away why, without its password, and does not reject', async () => {
  const redis = 'redis://:secret@127.0.0.1:1';
  const holdfast = createHoldfast({ redis, prefix: id() });
  onTestFinished(() => holdfast.close());
  const { ready, phase, log } = await holdfast.health();
  expect([ready, phase]).toEqual([false, 'open']);
  expect(log).toEqual({
    state: 'unreachable',
    code: 'unavailable',
    reason: expect.stringMatching(/^unable to .*127\.0\.0\.1:1/),
  });
  expect(JSON.stringify(log)).not.toContain('secret');
});

it('answers in its time where the log does not, and asks it once for all who ask', async () => {
  const { log, waiting } = heldLog();
  const holdfast = createHoldfast({ log });
  onTestFinished(() => holdfast.close());
  const asked = [holdfast.health({ timeoutMs: 0 }), holdfast.health({ timeoutMs: 1 })];
  for (const health of await Promise.all(asked))
    expect(health).toMatchObject({
      ready: false,
      log: { state: 'unreachable', reason: expect.stringMatching(/no answer in [01] ms/) },
    });
  const patient = holdfast.health({ timeoutMs: 60_000 });
  expect(waiting).toHaveLength(1);
  waiting[0]?.();
  expect(await patient).toMatchObject({ ready: true });
  const next = holdfast.health({ timeoutMs: 60_000 });
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  waiting[1]?.();
  expect(await next).toMatchObject({ ready: true });
});

it('is not ready from the moment it drains, and not when it is closed', async () => {
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent });
  await server.send({ id: id(), message: userMessage('m', 'Hi') });
  const closing = server.holdfast.close({ runsMs: 60_000 });
  expect(await server.holdfast.health()).toMatchObject({
    ready: false,
    phase: 'draining',
    log: { state: 'reachable' },
    runs: 1,
  });
  gated.end();
  await closing;
  expect(await server.holdfast.health()).toMatchObject({ ready: false, phase: 'closed', runs: 0 });
});

it('hides what a log of the application throws, if that may be contents', async () => {
  const log = { ...createMemoryLog(), head: () => Promise.reject(new SyntaxError('the contents')) };
  const holdfast = createHoldfast({ log });
  onTestFinished(() => holdfast.close());
  const health = await holdfast.health();
  expect(health.log).toMatchObject({ state: 'unreachable', code: 'internal' });
  expect(JSON.stringify(health)).not.toContain('the contents');
});
