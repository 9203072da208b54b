import { createRedisLog } from '@holdfast/log/redis';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { saying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

it('HF-LOG-16: while the store refuses writes, clients join, read and follow, and sends are unavailable', async () => {
  const redis = await RedisServer.start();
  const admin = new Redis(redis.url);
  const log = createRedisLog({ redis: redis.url });
  const limits = { pollMs: 50 };
  const server = await startServer({ log, agent: saying('Hello'), limits });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await log.close();
    admin.disconnect();
    await redis[Symbol.asyncDispose]();
  });
  const send = (command: string) =>
    server.post({
      id: 's1',
      command,
      trigger: 'submit-message',
      message: userMessage(command, command),
    });
  await send('hi');
  const history = async () =>
    (await (await fetch(`${server.api}/s1`)).json()) as { readonly runs: readonly unknown[] };
  await vi.waitFor(async () =>
    expect((await history()).runs).toMatchObject([{ state: 'finished' }]),
  );
  await admin.pexpire('holdfast:{s1}:meta', 60_000);
  await admin.config('SET', 'min-replicas-to-write', '1');

  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  expect(await client.next('snap')).toMatchObject({ items: [{ id: 'hi' }, {}] });
  await client.next('live');
  expect(await history()).toMatchObject({ messages: [{ id: 'hi' }, { role: 'assistant' }] });
  expect((await send('two')).status).toBe(503);
  await admin.config('SET', 'min-replicas-to-write', '0');
  expect((await send('two')).status).toBe(200);
  await vi.waitFor(() =>
    expect(client.frames.filter(({ t }) => t === 'entry').length).toBeGreaterThan(2),
  );
}, 60_000);
