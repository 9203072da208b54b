import { rmSync } from 'node:fs';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { bodiesOf, entry, headOf, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { createFeeds } from '../src/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { teller } from './support/feed-fixture.ts';
import { redisFixture } from './support/redis-fixture.ts';

const unavailable = { name: 'HoldfastError', code: 'unavailable' };
const patient = { timeout: 30_000 };

interface Refusal {
  begin(admin: Redis): Promise<unknown>;
  end(admin: Redis): Promise<unknown>;
}

const folderOf = async (admin: Redis): Promise<string> =>
  ((await admin.config('GET', 'dir')) as string[])[1] ?? '';

/** What a Redis says that takes no writes for a while, and how it comes to it. */
const refusals: Readonly<Record<string, Refusal>> = {
  OOM: {
    begin: (admin) => admin.config('SET', 'maxmemory', '1'),
    end: (admin) => admin.config('SET', 'maxmemory', '0'),
  },
  NOREPLICAS: {
    begin: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
    end: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  READONLY: {
    begin: (admin) => admin.call('REPLICAOF', '127.0.0.1', '1'),
    end: (admin) => admin.call('REPLICAOF', 'NO', 'ONE'),
  },
  MISCONF: {
    // Its disk is gone, as a full one is.
    begin: async (admin) => {
      await admin.config('SET', 'save', '3600 1');
      rmSync(await folderOf(admin), { recursive: true });
      await admin.call('BGSAVE');
      await vi.waitFor(async () =>
        expect(await admin.info('persistence')).toContain('rdb_last_bgsave_status:err'),
      );
    },
    end: (admin) => admin.config('SET', 'save', ''),
  },
};

it.each(Object.keys(refusals))(
  'F22: a Redis that answers %s takes nothing in half, and goes on when that is over',
  async (name) => {
    const { log, admin } = await redisFixture();
    const { session, append } = await startRun(log);
    await append(1);
    const before = await headOf(log, session);
    const { begin, end } = refusals[name] as Refusal;
    await begin(admin);
    const late = entry('late');
    await expect(append(2, { entry: late })).rejects.toMatchObject(unavailable);
    const send = sendOf('c2', 'r2');
    await expect(log.send(session, send)).rejects.toMatchObject(unavailable);
    await expect(log.send(newSession(), sendOf('c1', 'r1'))).rejects.toMatchObject(unavailable);
    expect(await vi.waitFor(() => headOf(log, session), patient)).toEqual(before);
    await end(admin);
    expect(await vi.waitFor(() => append(2, { entry: late }), patient)).toMatchObject({
      kind: 'appended',
    });
    expect(await vi.waitFor(() => log.send(session, send), patient)).toMatchObject({
      kind: 'accepted',
    });
    expect((await bodiesOf(log, session)).slice(2)).toEqual([
      'chunk 1',
      'late',
      'message of c2',
      'start of r2',
    ]);
  },
  60_000,
);

it('F25, HF-LOG-4: while somebody’s script does not end, writes are `unavailable`, and each is there once behind it', async () => {
  const { server, log } = await redisFixture();
  const { session, append } = await startRun(log);
  const [blocker, killer] = [new Redis(server.url), new Redis(server.url)];
  onTestFinished(() => {
    blocker.disconnect();
    killer.disconnect();
  });
  await append(1);
  await killer.config('SET', 'busy-reply-threshold', '50');
  const killed = blocker.eval('while true do end', 0).catch(String);
  const refused: unknown[] = [];
  const writing = (async () => {
    for (let seq = 2; seq <= 30; seq++) {
      const written = entry(`chunk ${seq}`);
      const write = () =>
        append(seq, { entry: written }).catch((error: unknown) => {
          refused.push(error);
          throw error;
        });
      expect((await vi.waitFor(write, patient)).kind).toMatch(/^(appended|duplicate)$/);
    }
  })();
  await vi.waitFor(() => expect(refused.length).toBeGreaterThan(2), patient);
  await killer.script('KILL');
  expect(await killed).toContain('killed');
  await writing;
  for (const error of refused) expect(error).toMatchObject(unavailable);
  const numbered = Array.from({ length: 30 }, (_, at) => `chunk ${at + 1}`);
  expect((await bodiesOf(log, session)).slice(2)).toEqual(numbered);
}, 60_000);

it('while a connection is away what is asked fails in the same turn, and does not wait for the next try', async () => {
  const { log, proxy } = await redisFixture();
  expect(await log.find('s', 'k')).toBeNull();
  await proxy.refuse();
  const outcome = () =>
    Promise.race([
      log.find('s', 'k').then(String, ({ code }: { code: string }) => code),
      new Promise<string>((resolve) => setImmediate(resolve, 'waits')),
    ]);
  await vi.waitFor(async () => expect(await outcome()).toBe('unavailable'), patient);
  await proxy.pass();
  expect(await vi.waitFor(() => log.find('s', 'k'), patient)).toBeNull();
});

it('F21, HF-LOG-14: a subscriber that Redis drops because it does not read is told in order of all that it missed', async () => {
  const { server, admin } = await redisFixture({
    args: ['--client-output-buffer-limit', 'pubsub 64kb 0 0'],
  });
  const prefix = 'overrun';
  // Room for more than the system holds for a socket.
  const limits = { sessionBytes: 1e9, sessionEntries: 1e6 };
  const near = createRedisLog({ redis: server.url, prefix, limits });
  await using network = await FaultProxy.start({ port: server.port });
  const far = createRedisLog({ redis: `redis://127.0.0.1:${network.port}`, prefix });
  const feeds = createFeeds(far, { limits: { pollMs: 60_000 } });
  onTestFinished(async () => {
    await feeds.close();
    await Promise.all([near.close(), far.close()]);
  });
  const { session, append } = await startRun(near);
  const { feed } = await feeds.acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  const subscribers = async () =>
    String(await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub')).match(/id=/g)?.length ?? 0;
  expect(await subscribers()).toBe(1);
  network.blackhole();
  const written: string[] = [];
  // What the system holds for a socket is full at some time.
  while ((await subscribers()) > 0) {
    const text = `${written.length} ${'x'.repeat(4_000)}`;
    written.push(text);
    expect(await append(written.length, { entry: entry(text) })).toMatchObject({
      kind: 'appended',
    });
  }
  expect(told.length).toBeLessThan(written.length);
  await network.pass();
  await vi.waitFor(() => expect(told).toHaveLength(written.length), patient);
  expect(told).toEqual(written);
}, 120_000);
