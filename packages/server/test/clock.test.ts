import { expect, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../src/environment.ts';
import { answer } from './support/gated-agent.ts';
import { startServer, userMessage } from './support/server.ts';

const id = () => `s-${crypto.randomUUID()}`;

function jumpBy(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

it.each([60_000, 3_600_000, -10_000, -3_600_000])(
  'F12, HF-LIVE-1: sockets are pinged and kept when the wall clock jumps by %d ms',
  async (ms) => {
    const limits = { heartbeatMs: 100, pongTimeoutMs: 20_000 };
    await using server = await startServer({ limits });
    const client = await server.greet();
    const s = id();
    client.send({ t: 'sub', r: 1, s });
    await client.next('live');
    jumpBy(ms);
    for (const _ of [1, 2]) {
      await client.next('ping');
      client.send({ t: 'pong' });
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  },
  60_000,
);

it('F12: tokens last as long as they were said to last, whatever the wall clock does', async () => {
  await using server = await startServer({
    authorize: () => ({ id: 'u', expiresInMs: 3_600_000 }),
  });
  const client = await server.greet();
  jumpBy(7_200_000);
  client.send({ t: 'ping' });
  await client.next('pong');
  // The gateway looks once a second; another socket shows that it has.
  const silent = await server.dial();
  expect(await silent.closed).toMatchObject({ code: 4408 });
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  expect(client.frames.map(({ t }) => t)).not.toContain('reauth');
}, 60_000);

it('F12: what is shown has the time of the wall', async () => {
  await using server = await startServer({
    agent: () =>
      (async function* () {
        yield* answer('Hi');
      })(),
  });
  const client = await server.greet();
  const s = id();
  client.send({ t: 'sub', r: 1, s });
  await client.next('live');
  jumpBy(-3_600_000);
  const now = Date.now();
  await server.send({ id: s, message: userMessage('m', 'hi') });
  const entries = [await client.entry('message'), await client.entry('run-end')];
  for (const { d } of entries) expect('at' in d && d.at - now).toBeLessThan(60_000);
});

it.each([2 ** 31, Number.POSITIVE_INFINITY])('a time of %d ms is not over at once', async (ms) => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { after, every, wait } = systemEnvironment;
  const act = vi.fn();
  const ends = [after(ms, act), every(ms, act)];
  void wait(ms).then(act);
  await vi.advanceTimersByTimeAsync(60_000);
  for (const end of ends) end();
  expect(act).not.toHaveBeenCalled();
});
