import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import { entry, newSession, sendOf } from '../src/conformance/kit.ts';
import { createFeeds, createMemoryLog, type LogLimits } from '../src/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { newPrefix } from './support/redis-under-test.ts';

const redis = inject('redisUrl');
const admin = new Redis(redis);
afterAll(() => admin.disconnect());

/** As of a variable that is not set; applications need not have TypeScript's `exactOptionalPropertyTypes`. */
const unset = {
  retentionMs: undefined,
  commandMs: undefined,
  uploadMs: undefined,
  entryBytes: undefined,
  sessionBytes: undefined,
} as unknown as Partial<LogLimits>;

it.each([
  ['retentionMs', Number.NaN],
  ['retentionMs', Number.POSITIVE_INFINITY],
  ['retentionMs', 0],
  ['commandMs', 0.5],
  ['uploadMs', '1000'],
  ['sessionBytes', Number.NaN],
  ['entryBytes', -1],
])('a limit by which no store could go is refused at once, in words: %s of %s', (name, value) => {
  const limits = { [name]: value };
  const words = new RegExp(`^unable to use limits\\.${name}: it is ${value} and has to be a`);
  expect(() => createRedisLog({ redis, limits })).toThrow(words);
  expect(() => createMemoryLog({ limits })).toThrow(words);
});

it('a limit whose value is not there has its default: sessions end, and no write is done by halves', async () => {
  const prefix = newPrefix();
  const log = createRedisLog({ redis, prefix, limits: unset });
  onTestFinished(() => log.close());
  const session = newSession();
  expect(await log.send(session, sendOf('c1', 'r1'))).toMatchObject({ kind: 'accepted' });
  const append = { run: 'r1', attempt: 1, seq: 1, entry: entry('words') };
  expect(await log.append(session, append)).toMatchObject({ kind: 'appended' });
  expect(await log.putPiece(session, 'u', 0, Buffer.from('x'))).toBe('put');
  const { meta, log: entries, files } = new Keys(prefix).of(session);
  for (const key of [meta, entries, files]) expect(await admin.pttl(key)).toBeGreaterThan(0);
  await log.delete(session);
});

it('feeds whose limits are not there look as often as others', async () => {
  const asked: number[] = [];
  const log = createMemoryLog();
  const timers = {
    after: (ms: number) => {
      asked.push(ms);
      return () => {};
    },
  };
  const limits = { pollMs: undefined, lingerMs: undefined } as unknown as { pollMs: number };
  const feeds = createFeeds(log, { limits, timers });
  const { release } = await feeds.acquire(newSession());
  release();
  expect(asked).toEqual([5_000, 15_000]);
  await feeds.close();
});
