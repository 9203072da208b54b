import { getActiveResourcesInfo } from 'node:process';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast, type HoldfastOptions } from '../src/index.ts';
import { gatedAgent } from './support/gated-agent.ts';
import { startOwnServer } from './support/own-server.ts';
import { postJson } from './support/post.ts';
import { userMessage } from './support/server.ts';

const id = () => `s-${crypto.randomUUID()}`;
const send = (session: string, command = 'one') => ({
  id: session,
  command,
  trigger: 'submit-message',
  message: userMessage(command, command),
});

async function serve(options: HoldfastOptions = {}) {
  const { agent, ...gate } = gatedAgent();
  const server = await startOwnServer({ agent, ...options });
  return { server, gate };
}

it('HF-CONN-14: a process that closes takes no new work, and says so in a way that is repeated elsewhere', async () => {
  const { server, gate } = await serve();
  const s = id();
  await server.post(send(s));
  const closing = server.holdfast.close({ runsMs: 60_000 });
  for (const [path, body] of [
    ['', send(s, 'two')],
    [`/${s}/steer`, { message: userMessage('three', 'three') }],
    [`/${s}/answer`, { messageId: 'm', answers: [{ type: 'x' }] }],
  ] as const) {
    const response = await postJson(`${server.api}${path}`, body);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: 'unavailable', retryMs: expect.any(Number) },
    });
  }
  expect((await fetch(`${server.api}/${s}/stream`)).status).toBe(503);
  // Stops are still heard: the run is here.
  const stop = await postJson(`${server.api}/${s}/cancel`, { command: 'one' });
  expect(stop.status).toBe(200);
  gate.end();
  await closing;
});

it('HF-CONN-14: a gateway that closes takes no sockets, by whichever door', async () => {
  const { server, gate } = await serve();
  await server.post(send(id()));
  const there = await server.greet();
  const closing = server.holdfast.close({ drainMs: 60_000, runsMs: 60_000 });
  await there.next('drain');
  await expect(server.dial()).rejects.toThrow(/503/);
  const closed = Promise.withResolvers<number>();
  server.holdfast.accept(
    {
      protocol: 'holdfast.v1',
      bufferedAmount: 0,
      send: () => {},
      close: (code) => closed.resolve(code),
      onMessage: () => {},
      onClose: () => {},
    },
    new Request('http://localhost/holdfast'),
  );
  expect(await closed.promise).toBe(1012);
  there.terminate();
  gate.end();
  await closing;
});

it('HF-CONN-14: a stream that is open when all closes breaks off, and does not look like a whole answer', async () => {
  const { server, gate } = await serve();
  const s = id();
  await server.post(send(s));
  gate.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const stream = await fetch(`${server.api}/${s}/stream`);
  const reading = stream.text().then(
    (text) => ({ text }),
    (error: unknown) => ({ error }),
  );
  await server.holdfast.close({ runsMs: 0 });
  const { text = '', error } = (await reading) as { text?: string; error?: unknown };
  expect(error !== undefined || !text.includes('[DONE]')).toBe(true);
});

it('a hook that never answers does not keep a process from closing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const called = Promise.withResolvers<void>();
  const holdfast = createHoldfast({
    authorize: () => ({ id: 'u' }),
    hooks: {
      onMessage: () => {
        called.resolve();
        return new Promise(() => {});
      },
    },
    onError: () => {},
  });
  const s = id();
  const request = new Request('http://localhost/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(send(s)),
  });
  await holdfast.handle(request, { agent: () => (async function* () {})(), path: [] });
  await called.promise;
  const closing = holdfast.close();
  await vi.advanceTimersByTimeAsync(60_000);
  await closing;
});

it('a queue of jobs that does not close does not keep a process from closing', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const dispatch = { add: async () => {}, close: () => new Promise<void>(() => {}) };
  const holdfast = createHoldfast({ prefix: crypto.randomUUID(), dispatch });
  const closed = holdfast.close();
  await vi.advanceTimersByTimeAsync(60_000);
  await closed;
  expect((await holdfast.health()).phase).toBe('closed');
});

it('answers may take as long as they like to end, where `runsMs` says so', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { agent, calls, end } = gatedAgent();
  const holdfast = createHoldfast({ authorize: () => ({ id: 'u' }) });
  const running = holdfast.session(id()).run({ agent: 'agent' }, agent);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  const closing = holdfast.close({ runsMs: Number.POSITIVE_INFINITY });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls[0]?.signal.aborted).toBe(false);
  end();
  await Promise.all([running, closing]);
});

it('closing leaves no timer behind, is bounded, and is the same the second time', async () => {
  const timers = () => getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const holdfast = createHoldfast({ authorize: () => ({ id: 'u' }) });
  holdfast.register(() => (async function* () {})());
  await holdfast.session(id()).run({ agent: 'agent' }, () => (async function* () {})());
  const closing = holdfast.close({ runsMs: 60_000 });
  expect(holdfast.close()).toBe(closing);
  await closing;
  expect(timers()).toBeLessThanOrEqual(before);
});

it('code of the server begins nothing in a process that closes', async () => {
  const holdfast = createHoldfast({ authorize: () => ({ id: 'u' }) });
  await holdfast.close();
  const session = holdfast.session(id());
  await expect(
    session.run({ agent: 'agent' }, () => (async function* () {})()),
  ).rejects.toMatchObject({ code: 'unavailable' });
});
