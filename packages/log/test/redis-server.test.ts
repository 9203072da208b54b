import { inspect } from 'node:util';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  cancelCommand,
  collect,
  entry,
  newSession,
  sendOf,
  startRun,
} from '../src/conformance/kit.ts';
import { store } from '../src/conformance/messages.ts';
import type { Delivery } from '../src/contract/deliveries.ts';
import type { SessionLog } from '../src/contract/session-log.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { logAt, redisFixture } from './support/redis-fixture.ts';

/** Commands that clients sent while `act` ran, without those that scripts run. */
async function commandsDuring(
  admin: Redis,
  act: () => Promise<unknown>,
): Promise<readonly string[]> {
  const seen: string[] = [];
  const monitor = await admin.monitor();
  monitor.on('monitor', (_time: string, [name]: string[], source: string) => {
    if (source !== 'lua') seen.push(String(name).toLowerCase());
  });
  await act();
  await admin.echo('end of test');
  await vi.waitFor(() => expect(seen).toContain('echo'));
  monitor.disconnect();
  return seen.filter((name) => name !== 'echo');
}

it('two databases of one server are two logs, and nothing of one is heard in the other', async () => {
  const { server } = await redisFixture();
  const [staging, production] = [1, 0].map((db) => {
    const log = createRedisLog({ redis: `${server.url}/${db}`, prefix: 'p' });
    onTestFinished(() => log.close());
    return log;
  }) as [SessionLog, SessionLog];
  const session = newSession();
  const heard: Delivery[] = [];
  await production.send(session, sendOf('c1', 'r1'));
  await production.subscribe(session, (delivery) => heard.push(delivery));
  const there: Delivery[] = [];
  await staging.subscribe(session, (delivery) => there.push(delivery));
  await staging.send(session, sendOf('c2', 'r2'));
  await staging.signal(session, 'staging');
  await staging.delete(session);
  await vi.waitFor(() => expect(there.map(({ kind }) => kind)).toContain('deleted'));
  await production.signal(session, 'production');
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard).toEqual([{ kind: 'signal', text: 'production' }]);
  expect((await production.head(session))?.runs).toHaveLength(1);
});

it('an instance with a keyPrefix is refused, because channels and scripts would not have it', async () => {
  const { server } = await redisFixture();
  const redis = new Redis(server.url, { keyPrefix: 'app:', lazyConnect: true });
  expect(() => createRedisLog({ redis })).toThrow(/give Holdfast a `prefix`/);
});

it('an append is one command, and so is every other step but a cancel by command', async () => {
  const { log, admin } = await redisFixture();
  const { session, append } = await startRun(log, { leaseMs: 60_000 });
  const steps = async (): Promise<void> => {
    await append(1);
    await append(2, { entry: entry('x'.repeat(20_000)) });
    await log.head(session);
    await log.read(session, { after: null, limit: 10 });
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 60_000 });
    await log.reap(session, { run: 'r1', attempt: 1, entry: entry('x') });
    await log.cancel(session, { target: { run: 'r1' }, entry: () => entry('x') });
    await log.send(session, sendOf('c2', 'r2'));
    await append(3, { end: 'finished' });
    await log.seed(session, { items: [], entry: entry('x') });
    await store(log, session, [{ at: 0, key: 'k0', body: 'stored' }]);
    await log.items(session, { before: 1, limit: 1 });
    await log.find(session, 'k0');
    await log.remind('hooks', session, 0);
    for (const reminder of await log.due('hooks', 1, 1_000)) await log.dismiss(reminder);
    await log.signal(session, 'here');
  };
  await steps();
  await cancelCommand(log, session, 'c1');
  const again = newSession();
  await log.send(again, sendOf('c1', 'r1'));
  // Storing opens the session first.
  expect(await commandsDuring(admin, steps)).toEqual([
    ...Array.from({ length: 17 }, () => 'evalsha'),
    'publish',
  ]);
  expect(await commandsDuring(admin, () => cancelCommand(log, again, 'c1'))).toHaveLength(2);
});

it('scripts come back by themselves after the server forgot them', async () => {
  const { log, admin } = await redisFixture();
  const { append } = await startRun(log);
  await append(1);
  await admin.script('FLUSH');
  expect(await append(2)).toMatchObject({ kind: 'appended' });
});

it('a session has one subscription, and none when the last listener is gone', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log);
  const { channel } = keys.of(session);
  const lists: string[][] = [];
  const commands = await commandsDuring(admin, async () => {
    const subscribed = Array.from({ length: 30 }, () => {
      const list: string[] = [];
      lists.push(list);
      return log.subscribe(session, ({ kind }) => list.push(kind));
    });
    const unsubscribes = await Promise.all(subscribed);
    expect(await admin.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    await append(1);
    await vi.waitFor(() => expect(lists.flat()).toHaveLength(30));
    for (const unsubscribe of unsubscribes) unsubscribe();
  });
  expect(commands.filter((name) => name === 'subscribe')).toHaveLength(1);
  await vi.waitFor(async () => expect(await admin.pubsub('NUMSUB', channel)).toEqual([channel, 0]));
});

it('unsubscribing while another subscribes leaks no subscription', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session } = await startRun(log);
  const { channel } = keys.of(session);
  const rounds = Array.from({ length: 200 }, async (_, at) => {
    const unsubscribe = await log.subscribe(session, () => {});
    if (at % 3 === 0) await log.head(session);
    unsubscribe();
  });
  await Promise.all(rounds);
  await vi.waitFor(async () => expect(await admin.pubsub('NUMSUB', channel)).toEqual([channel, 0]));
  const deliveries = await collect(log, session);
  await log.send(session, sendOf('c2'));
  await vi.waitFor(() => expect(deliveries).toHaveLength(2));
});

it('every key has the prefix, the hash tag of its session, and an end', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log);
  await append(1);
  await log.send(session, sendOf('c2', 'r2', { entries: [entry('start')] }));
  await append(2, { end: 'finished' });
  await store(log, session, [{ at: 0, key: 'k0', body: 'stored' }]);
  await cancelCommand(log, session, 'c3');
  const early = newSession();
  await cancelCommand(log, early, 'c1');
  const empty = newSession();
  await log.send(empty, { command: 'c1', entries: [] });
  await log.send(empty, { command: 'c2', entries: [entry('x')] });
  const stored = await admin.keys('*');
  expect(stored).toHaveLength(8 + 1 + 3);
  for (const key of stored) {
    const owner = [session, early, empty].find((name) => key.includes(`{${name}}`));
    expect(key.startsWith(keys.of(owner ?? '').meta.replace(/meta$/, ''))).toBe(true);
    expect(await admin.pttl(key)).toBeGreaterThan(0);
  }
  await log.delete(session);
  expect((await admin.keys(`*{${session}}*`)).sort()).toEqual([keys.of(session).ended]);
});

it('reminders have one key beside those of the sessions, which goes with the last of them', async () => {
  const { log, admin, keys } = await redisFixture();
  await log.remind('hooks', newSession(), 0);
  expect(await admin.keys('*')).toEqual([keys.due('hooks')]);
  for (const reminder of await log.due('hooks', 9, 1_000)) await log.dismiss(reminder);
  expect(await admin.keys('*')).toEqual([]);
});

it('commands past their time are pruned while others come', async () => {
  const server = await RedisServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  const { createRedisLog } = await import('../src/redis/index.ts');
  const log = createRedisLog({ redis: server.url, prefix: 'p', limits: { commandMs: 1 } });
  onTestFinished(() => log.close());
  for (let at = 0; at < 200; at++)
    await log.send('s1', { command: `c${at}`, entries: [entry('x')] });
  expect(await admin.hlen(new Keys('p').of('s1').commands)).toBeLessThan(50);
});

it('prefixes that would move the hash tag are refused', () => {
  for (const prefix of ['', '{a}', 'a b', 'ü', 'x'.repeat(65)])
    expect(() => new Keys(prefix)).toThrow('unable to use the key prefix');
});

it('an instance that has numbers told as texts is used as any other, and promises no more', async () => {
  const { server } = await redisFixture();
  const redis = new Redis(server.url, { stringNumbers: true, lazyConnect: true });
  onTestFinished(() => redis.disconnect());
  const log = logAt(redis);
  const { session, append } = await startRun(log);
  expect(await append(1)).toEqual({ kind: 'appended', cancelled: false });
  await cancelCommand(log, session, 'c1');
  expect(await append(2)).toEqual({ kind: 'appended', cancelled: true });
  const durable = createRedisLog({ redis, durability: { replicas: 1 } });
  onTestFinished(() => durable.close());
  // There is no replica that could have it.
  await expect(durable.send(session, sendOf('c2'))).rejects.toMatchObject({ code: 'unavailable' });
});

it('an instance of ioredis is copied: it is neither used nor closed', async () => {
  const { server } = await redisFixture();
  const given = new Redis(server.url, { enableOfflineQueue: true });
  onTestFinished(() => given.disconnect());
  const log = logAt(given);
  const { session, append } = await startRun(log);
  const deliveries = await collect(log, session);
  await append(1);
  await vi.waitFor(() => expect(deliveries).toHaveLength(1));
  await log.close();
  expect(await given.ping()).toBe('PONG');
  const stored = await given.call('KEYS', '*');
  expect(stored).toContain(`holdfast:{${session}}:meta`);
});

it('a closed log leaves no connection', async () => {
  const { log, admin } = await redisFixture();
  const { session } = await startRun(log);
  await collect(log, session);
  const names = async () => String(await admin.client('LIST')).match(/name=holdfast-\w+/g) ?? [];
  await vi.waitFor(async () =>
    expect((await names()).sort()).toEqual(['name=holdfast-subscriber', 'name=holdfast-writer']),
  );
  await log.close();
  await vi.waitFor(async () => expect(await names()).toEqual([]));
});

it('deliveries come over RESP2 as well', async () => {
  const { server } = await redisFixture();
  const given = new Redis(server.url, { protocol: 2, lazyConnect: true });
  const log = logAt(given);
  const { session, append } = await startRun(log);
  const deliveries = await collect(log, session);
  await append(1);
  await vi.waitFor(() => expect(deliveries).toHaveLength(1));
});

it('a log whose entries were dropped behind its back says so', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session } = await startRun(log);
  await admin.unlink(keys.of(session).log);
  await expect(log.read(session, { after: null, limit: 10 })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('noeviction'),
  });
});

it('a key of another type is a fault of the store, told without what was written', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log);
  await admin.set(keys.of(session).log, 'text');
  const words = entry('words of a user');
  const error: unknown = await append(1, { entry: words }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'internal', message: expect.stringContaining('WRONGTYPE') });
  expect(inspect(error, { depth: 10 })).not.toContain(words.body);
});
