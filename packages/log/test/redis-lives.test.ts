import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  cancelCommand,
  cancelRun,
  entry,
  longMs,
  newSession,
  sendOf,
  startRun,
} from '../src/conformance/kit.ts';
import { opened, range, store } from '../src/conformance/messages.ts';
import type { LogLimits, SessionLog } from '../src/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { newPrefix } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

const retentionMs = 1_000_000;

function make(limits: Partial<LogLimits> = {}) {
  const prefix = newPrefix();
  const log = createRedisLog({
    ...{ redis: inject('redisUrl'), prefix },
    limits: { retentionMs, ...limits },
  });
  onTestFinished(() => log.close());
  return { log, prefix, keys: new Keys(prefix) };
}

/** The names of the keys of a session, without what they begin with, and what each has left to live. */
async function livesOf(prefix: string, session: string): Promise<ReadonlyMap<string, number>> {
  const base = `${prefix}:{${session}}:`;
  const names = await admin.keys(`${prefix}:*`);
  const lives = await Promise.all(
    names.sort().map(async (name) => [name.replace(base, ''), await admin.pttl(name)] as const),
  );
  return new Map(lives);
}

const digest = 'd'.repeat(43);
const whole = { digest, bytes: 1, mediaType: 'text/plain', pieces: 1 };

/** Writes that make keys, each in a session of its own or behind `before`, with the keys that there are then. */
const acts: readonly {
  readonly name: string;
  readonly before?: (log: SessionLog, session: string) => Promise<unknown>;
  readonly act: (log: SessionLog, session: string) => Promise<unknown>;
  readonly keys: string;
}[] = [
  {
    name: 'a send with a run',
    act: (log, session) => log.send(session, sendOf('c1', 'r1')),
    keys: 'commands lease:r1 log meta',
  },
  {
    name: 'a send behind one without entries',
    before: (log, session) => log.send(session, sendOf('c1', undefined, { entries: [] })),
    act: (log, session) => log.send(session, sendOf('c2')),
    keys: 'commands log meta',
  },
  {
    name: 'the end of a run',
    before: (log, session) => log.send(session, sendOf('c1', 'r1')),
    act: (log, session) =>
      log.append(session, {
        ...{ run: 'r1', attempt: 1, seq: 1, entry: entry('x') },
        end: { outcome: 'finished' },
      }),
    keys: 'commands ended log meta',
  },
  {
    name: 'a renewal',
    before: (log, session) => log.send(session, sendOf('c1', 'r1', { leaseMs: 1 })),
    act: (log, session) => log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs }),
    keys: 'commands lease:r1 log meta',
  },
  {
    name: 'a cancel that comes early',
    act: (log, session) => cancelCommand(log, session, 'c1'),
    keys: 'marks',
  },
  {
    name: 'a command whose cancel came before it',
    before: (log, session) => cancelCommand(log, session, 'c1'),
    act: (log, session) => log.send(session, sendOf('c1', 'r1')),
    keys: 'commands ended log meta',
  },
  {
    name: 'a claim',
    act: (log, session) => log.claim(session, { name: 'n', holder: 'h', leaseMs: longMs }),
    keys: 'claims',
  },
  {
    name: 'a seed',
    act: (log, session) =>
      log.seed(session, { items: [{ key: 'k', body: 'b' }], entry: entry('seeded') }),
    keys: 'ids items log meta',
  },
  {
    name: 'a checkpoint',
    before: (log, session) => log.send(session, sendOf('c1')),
    act: (log, session) => store(log, session, range(0, 3)),
    keys: 'commands ids items log meta',
  },
  {
    name: 'a checkpoint that only takes messages away',
    before: async (log, session) => {
      await log.send(session, sendOf('c1'));
      await store(log, session, range(0, 3));
    },
    act: (log, session) => store(log, session, [], { count: 2 }),
    keys: 'commands ids items log meta',
  },
  {
    name: 'a checkpoint that takes all messages away',
    before: async (log, session) => {
      await log.send(session, sendOf('c1'));
      await store(log, session, range(0, 3));
    },
    act: (log, session) => store(log, session, [], { count: 0 }),
    keys: 'commands log meta',
  },
  {
    name: 'a piece of an upload',
    act: (log, session) => log.putPiece(session, 'u', 0, Buffer.from('x')),
    keys: 'files uploads',
  },
  {
    name: 'a file',
    before: (log, session) => log.putPiece(session, 'u', 0, Buffer.from('x')),
    act: (log, session) => log.keepFile(session, 'u', whole),
    keys: 'files',
  },
  {
    name: 'a place elsewhere',
    act: (log, session) => log.places(session, { name: 'p' }),
    keys: 'files',
  },
  {
    name: 'a deletion',
    before: (log, session) => log.send(session, sendOf('c1', 'r1')),
    act: (log, session) => log.delete(session),
    keys: 'ended',
  },
];

it.each(acts)('S21: behind $name each key ends by itself: $keys', async ({ before, act, keys }) => {
  const { log, prefix } = make();
  const session = newSession();
  await before?.(log, session);
  await act(log, session);
  const lives = await livesOf(prefix, session);
  expect([...lives.keys()].join(' ')).toBe(keys);
  for (const [key, left] of lives) expect([key, left > 0]).toEqual([key, true]);
});

describe('the end of a session is moved', () => {
  const begun = async () => {
    const made = make();
    // So short that each append renews it, and looks at the session's end.
    const { session, append } = await startRun(made.log, { leaseMs: 3_000 });
    await made.log.send(session, sendOf('c2', 'r2'));
    await store(made.log, session, range(0, 2));
    const { meta, log: stream, items, ids } = made.keys.of(session);
    const all = [meta, stream, items, ids];
    const set = (left: number) => Promise.all(all.map((key) => admin.pexpire(key, left)));
    const left = () => Promise.all(all.map((key) => admin.pttl(key)));
    return { ...made, session, append, set, left };
  };
  type Begun = Awaited<ReturnType<typeof begun>>;
  const writes: readonly [string, (at: Begun, time: number) => Promise<unknown>][] = [
    ['an append', ({ append }, time) => append(time)],
    ['a send', ({ log, session }, time) => log.send(session, sendOf(`again ${time}`))],
    ['a cancel', ({ log, session }, time) => cancelRun(log, session, `r${time}`)],
    [
      'a renewal',
      ({ log, session }) => log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs }),
    ],
    ['a checkpoint', ({ log, session }) => store(log, session, [], { count: 2 })],
    ['being opened', ({ log, session }) => log.open(session, { limit: 1 })],
  ];

  it.each(writes)('by %s once a tenth of its life has passed, and not before', async (_, write) => {
    const at = await begun();
    await at.set(0.95 * retentionMs);
    await write(at, 1);
    for (const left of await at.left()) expect(left).toBeLessThanOrEqual(0.95 * retentionMs);
    await at.set(0.85 * retentionMs);
    await write(at, 2);
    for (const left of await at.left()) expect(left).toBeGreaterThan(0.9 * retentionMs);
  });

  it('by a checkpoint with messages at once: their keys may be new', async () => {
    const at = await begun();
    await at.set(0.95 * retentionMs);
    const { checkpoint } = await opened(at.log, at.session);
    await store(at.log, at.session, range(0, 1, 2), { from: checkpoint, count: 2 });
    for (const left of await at.left()) expect(left).toBeGreaterThan(0.95 * retentionMs);
  });
});

it('HF-LOG-26: claims are kept for as long as the longest of them', async () => {
  const { log, keys } = make();
  const session = newSession();
  const claim = (name: string, leaseMs: number) =>
    log.claim(session, { name, holder: 'h', leaseMs });
  const left = () => admin.pttl(keys.of(session).claims);
  await claim('a', 60_000);
  await claim('b', 1_000);
  expect(await left()).toBeGreaterThan(30_000);
  await claim('c', 600_000);
  expect(await left()).toBeGreaterThan(300_000);
});

it('HF-LOG-28: cancels and claims that are over make room for others', async () => {
  const { log, keys } = make();
  const session = newSession();
  const { marks, claims } = keys.of(session);
  const filled = (count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, text]));
  const later = `${Date.now() + longMs}`;
  await admin.hset(marks, { ...filled(100, later), n7: '1' });
  expect(await cancelCommand(log, session, 'one more')).toEqual({ state: 'stopping' });
  expect(await admin.hexists(marks, 'n7')).toBe(0);
  expect(await admin.hlen(marks)).toBe(100);
  expect(await cancelCommand(log, session, 'too many')).toEqual({ state: 'full' });
  await admin.hset(claims, { ...filled(1_000, `${later} h`), n7: '1 h' });
  const claim = (name: string) => log.claim(session, { name, holder: 'h', leaseMs: longMs });
  expect(await claim('one more')).toEqual({ kind: 'held' });
  expect(await admin.hexists(claims, 'n7')).toBe(0);
  expect(await claim('too many')).toEqual({ kind: 'full' });
});
