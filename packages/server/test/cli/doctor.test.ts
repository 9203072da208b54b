import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {} from '@holdfast/testkit/redis-global-setup';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { doctor } from '../../src/cli/doctor.ts';
import type { Finding } from '../../src/cli/finding.ts';
import { startOwnServer } from '../support/own-server.ts';
import { typed } from '../support/typed.ts';

async function found(args: readonly string[], env: Record<string, string> = {}) {
  const { code, text } = await typed(doctor, [...args, '--json'], env);
  const { ok, findings } = JSON.parse(text) as { ok: boolean; findings: Finding[] };
  const by = Object.fromEntries(findings.map((finding) => [finding.check, finding]));
  return { code, ok, by };
}

const noRedis = { REDIS_URL: '' };

/** Answers upgrades, and all else, with a status, as a proxy would. */
async function proxyThatAnswers(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/holdfast`;
}

it('finds nothing wrong with a Redis that is as it should be', async () => {
  const redis = await RedisServer.start({ appendfsync: 'everysec' });
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const { code, ok, by } = await found(['--redis', redis.url]);
  expect([code, ok]).toEqual([0, true]);
  expect(Object.keys(by)).toEqual([
    ...['reach', 'latency', 'version', 'role', 'eviction', 'memory', 'persistence'],
    ...['failover', 'rights', 'durability'],
  ]);
});

it('HF-LOG-45: says what the option `durability` may promise', async () => {
  const pair = await RedisReplicas.start({ appendfsync: 'always' });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const synced = await found(['--redis', pair.master.url]);
  expect(synced.by.durability).toEqual(
    expect.objectContaining({ state: 'ok', says: 'up to fsync, and replicas: 1' }),
  );
  const bare = await RedisServer.start();
  onTestFinished(() => bare[Symbol.asyncDispose]());
  const lax = await found(['--redis', bare.url]);
  expect(lax.by.durability).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/^redis, as it is set up; .* has no append-only file; set/),
  });
});

it('warns of what may lose sessions, and refuses what does not work', async () => {
  const args = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
  const redis = await RedisServer.start({ args });
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const lax = await found(['--redis', redis.url]);
  expect([lax.code, lax.ok]).toEqual([1, false]);
  expect(lax.by.eviction).toMatchObject({
    state: 'warning',
    says: expect.stringMatching(/allkeys-lru/),
  });
  expect(lax.by.persistence).toMatchObject({ state: 'warning' });
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'poor', 'on', '>pw', '~*', '&*', '+@all', '-xadd');
  const poor = await found(['--redis', redis.url.replace('//', '//poor:pw@')]);
  expect(poor.by.rights).toMatchObject({
    state: 'refused',
    says: expect.stringMatching(/docs\/deploy\.md/),
  });
  const away = await found(['--redis', 'redis://:secret@127.0.0.1:1']);
  expect(away.code).toBe(1);
  expect(away.by.reach).toMatchObject({
    state: 'refused',
    says: expect.stringMatching(/127\.0\.0\.1:1/),
  });
  expect(JSON.stringify(away)).not.toContain('secret');
});

it('goes the way of a page’s socket', async () => {
  const server = await startOwnServer({
    authorize: ({ token }) => (token === 'ann' ? { id: 'ann' } : null),
  });
  const args = ['--url', `${server.origin}/holdfast`];
  const known = await found(args, { ...noRedis, HOLDFAST_TOKEN: 'ann' });
  expect([known.code, Object.keys(known.by)]).toEqual([0, ['socket', 'frames', 'round trip']]);
  const stranger = await found(args, noRedis);
  expect(stranger.by.frames).toMatchObject({
    state: 'warning',
    says: expect.stringMatching(/4401, unauthorized/),
  });
  const foreign = await found([...args, '--origin', 'https://elsewhere.example'], noRedis);
  expect(foreign.by.socket).toMatchObject({
    state: 'refused',
    advice: expect.stringMatching(/`origins`/),
  });
});

it.each([
  [200, /Upgrade/],
  [404, /path/],
  [426, /Upgrade/],
  [502, /does not reach/],
  [308, /redirect/],
])('says what an answer of %i in the place of a socket means', async (status, advice) => {
  const { code, by } = await found(['--url', await proxyThatAnswers(status)], noRedis);
  expect(code).toBe(1);
  expect(by.socket).toMatchObject({ state: 'refused', advice: expect.stringMatching(advice) });
});

it('says of an address at which nobody listens that nobody does', async () => {
  const { by } = await found(['--url', 'ws://127.0.0.1:1/holdfast'], noRedis);
  expect(by.socket).toMatchObject({
    state: 'refused',
    says: expect.stringMatching(/ECONNREFUSED/),
  });
});

it('notices a proxy that cuts what is idle', async () => {
  let pings = 0;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { t } = JSON.parse(data.toString()) as { t: string };
      const limits = { heartbeatMs: 1, framesPerSecond: 1, framesBurst: 1, subscriptions: 1 };
      socket.send(
        JSON.stringify(
          t === 'hello' ? { t: 'welcome', v: 1, conn: 'c', ...limits } : { t: 'pong' },
        ),
      );
      if (t === 'ping' && ++pings === 5) setImmediate(() => socket.terminate());
    });
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { by } = await found(['--url', url, '--idle', '3600'], noRedis);
  expect(by['round trip']).toMatchObject({ state: 'ok' });
  expect(by.idle).toMatchObject({
    state: 'refused',
    says: expect.stringMatching(/closed after 0 s with 1006/),
  });
});

it('prints a line for each, with advice below', async () => {
  const { text } = await typed(doctor, ['--url', await proxyThatAnswers(404)], noRedis);
  expect(text).toMatch(/^REFUSED {2}socket {7}answered 404 .*\n {22}nothing serves sockets/);
});

it('has nothing to look at without an address', async () => {
  await expect(typed(doctor, [], noRedis)).rejects.toThrow(/give --redis, --url or both/);
});
