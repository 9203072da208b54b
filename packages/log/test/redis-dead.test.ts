import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import { Cluster, Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { collect, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { createFeeds } from '../src/index.ts';
import { Watchdog } from '../src/redis/watchdog.ts';
import { teller } from './support/feed-fixture.ts';
import { logAt, redisFixture } from './support/redis-fixture.ts';

const patient = { timeout: 20_000 };

it('HF-LOG-33: a command connection that is silently dead is replaced, and an append goes on', async () => {
  const { proxy, log } = await redisFixture();
  const { append } = await startRun(log);
  await append(1);
  proxy.silence();
  expect((await vi.waitFor(() => append(2), patient)).kind).toMatch(/appended|duplicate/);
}, 60_000);

it('HF-LOG-33: so it is for whoever only reads or signals, and for deliveries', async () => {
  const { proxy, log } = await redisFixture();
  const { session, append } = await startRun(log);
  const heard = await collect(log, session);
  proxy.silence();
  await expect(log.signal(session, 'lost')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await vi.waitFor(() => log.head(session), patient)).not.toBeNull();
  await vi.waitFor(() => log.send(newSession(), sendOf('c1', 'r1')), patient);
  await append(1);
  await vi.waitFor(
    async () => {
      await log.signal(session, 'there');
      expect(heard.at(-1)).toEqual({ kind: 'signal', text: 'there' });
    },
    { ...patient, interval: 500 },
  );
}, 60_000);

it('HF-LOG-33: each one that is made while all stays silent is replaced as well', async () => {
  const { proxy, log } = await redisFixture();
  const { append } = await startRun(log);
  proxy.blackhole();
  const waiting = vi.waitFor(() => append(1), { timeout: 30_000 });
  for (let round = 0; round < 2; round++) {
    const before = proxy.accepted;
    await vi.waitFor(() => expect(proxy.accepted).toBeGreaterThan(before), patient);
  }
  await proxy.pass();
  expect((await waiting).kind).toMatch(/appended|duplicate/);
}, 60_000);

interface Answer {
  resolve(): void;
  reject(error: Error): void;
}

/** A connection whose answers a test gives. */
function aLine(status = 'ready') {
  const asked: Answer[] = [];
  const dropped: (boolean | undefined)[] = [];
  const line = {
    status,
    ping: () => new Promise<void>((resolve, reject) => asked.push({ resolve, reject })),
    disconnect: (reconnect?: boolean) => void dropped.push(reconnect),
  };
  return { line, asked, dropped };
}

it('HF-LOG-33: only who does not answer the second time either is dropped', async () => {
  const [slow, dead, broken, rising] = [aLine(), aLine(), aLine(), aLine('connect')];
  const lines = [slow, dead, broken, rising];
  const watchdog = new Watchdog(() => lines.map(({ line }) => line));
  watchdog.suspect();
  watchdog.suspect();
  expect(lines.map(({ asked }) => asked.length)).toEqual([1, 1, 1, 0]);
  slow.asked[0]?.resolve();
  dead.asked[0]?.reject(new Error('Command timed out'));
  broken.asked[0]?.reject(new Error('Connection is closed.'));
  await vi.waitFor(() => expect(dead.dropped).toEqual([true]));
  expect([slow, broken, rising].flatMap(({ dropped }) => dropped)).toEqual([]);
  watchdog.suspect();
  expect(lines.map(({ asked }) => asked.length)).toEqual([2, 2, 2, 0]);
});

it('HF-LOG-33: on a cluster it is the silent node that is replaced, however well the others answer', async () => {
  const cluster = await RedisCluster.start();
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const proxies = await Promise.all(cluster.nodes.map(({ port }) => FaultProxy.start({ port })));
  onTestFinished(async () => {
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  });
  const admins = cluster.nodes.map(({ url }) => new Redis(url));
  onTestFinished(() => {
    for (const admin of admins) admin.disconnect();
  });
  // So that clients come through the proxies, also when a node tells them of another one.
  for (const [at, admin] of admins.entries()) {
    await admin.config('SET', 'cluster-announce-ip', '127.0.0.1');
    await admin.config('SET', 'cluster-announce-port', String(proxies[at]?.port));
  }
  for (const admin of admins)
    await vi.waitFor(async () => {
      const told = JSON.stringify(await admin.cluster('SLOTS'));
      for (const { port } of proxies) expect(told).toContain(`"127.0.0.1",${port}`);
    }, patient);
  const through = proxies.map(({ port }) => ({ host: '127.0.0.1', port }));
  const log = logAt(new Cluster(through, { lazyConnect: true }));
  // One of them at least is on each node.
  const runs = await Promise.all(Array.from({ length: 24 }, () => startRun(log)));
  const feeds = createFeeds(log, { limits: { pollMs: 200 } });
  onTestFinished(() => feeds.close());
  proxies[1]?.silence();
  const heard = runs.map(async ({ session, append }) => {
    const { feed } = await vi.waitFor(() => feeds.acquire(session), patient);
    const told: string[] = [];
    feed.listen(teller(told));
    for (let seq = 1; !told.includes('signal there'); seq++) {
      expect((await vi.waitFor(() => append(seq), patient)).kind).toMatch(/appended|duplicate/);
      await vi.waitFor(() => log.signal(session, 'there'), patient);
      await vi.waitFor(() => expect(told).toContain(`chunk ${seq}`), patient);
    }
  });
  await Promise.all(heard);
}, 60_000);
