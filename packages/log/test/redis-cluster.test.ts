import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import type { RedisServer } from '@holdfast/testkit/redis-harness';
import { asked } from '@holdfast/testkit/redis-replicas';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import {
  bodiesOf,
  cancelCommand,
  cancelRun,
  entry,
  longMs,
  sendOf,
  startRun,
} from '../src/conformance/kit.ts';
import { item, store } from '../src/conformance/messages.ts';
import type { SessionLog } from '../src/contract/session-log.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

let nodes: RedisCluster;
let admin: Cluster;

beforeAll(async () => {
  nodes = await RedisCluster.start();
  admin = new Cluster([...nodes.addresses]);
}, 60_000);

afterAll(async () => {
  admin.disconnect();
  await nodes[Symbol.asyncDispose]();
});

sessionLogConformance('the Redis log on a cluster', async (limits) =>
  redisUnderTest(admin, admin, limits),
);

it('HF-LOG-4: an append to a session that is in part at another node already waits until all of it is', async () => {
  const { log, keys } = redisUnderTest(admin, admin);
  onTestFinished(() => log.close());
  const { session, append } = await startRun(log);
  await append(1);
  const { meta, log: stream } = keys.of(session);
  const from = await nodes.ownerOf(meta);
  const to = nodes.nodes.find((node) => node !== from) as RedisServer;
  await nodes.beginMove(meta, to);
  await asked(from, ['MIGRATE', '127.0.0.1', String(to.port), stream, '0', '5000']);
  const rest = async () => {
    await vi.waitFor(
      async () => expect(await asked(from, ['INFO', 'errorstats'])).toContain('TRYAGAIN'),
      { timeout: 20_000 },
    );
    await nodes.move(meta, to);
  };
  const [outcome] = await Promise.all([append(2), rest()]);
  expect(outcome).toEqual({ kind: 'appended', cancelled: false });
  expect((await bodiesOf(log, session)).slice(2)).toEqual(['chunk 1', 'chunk 2']);
});

/** A session with a live run, one that has ended, and one whose lease has run out; its life has to be prolonged. */
async function lived({ log, keys }: ReturnType<typeof redisUnderTest>) {
  const { session, append } = await startRun(log);
  await append(1);
  await log.send(session, sendOf('c2', 'r2'));
  const last = { run: 'r2', attempt: 1, seq: 1, entry: entry('end') };
  await log.append(session, { ...last, end: { outcome: 'finished' } });
  await log.send(session, sendOf('c3', 'r3'));
  await store(log, session, [item(0)]);
  await cancelCommand(log, session, 'early');
  const { meta, leases } = keys.of(session);
  await admin.unlink(`${leases}r3`);
  await admin.pexpire(meta, longMs);
  return session;
}

/** Has the slot of a session on its way to another node, with nothing there yet, for as long as something is done. */
async function whileMoving<Result>(meta: string, act: () => Promise<Result>): Promise<Result> {
  const from = await nodes.ownerOf(meta);
  const to = nodes.nodes.find((node) => node !== from) as RedisServer;
  await nodes.beginMove(meta, to);
  try {
    return await act();
  } finally {
    await nodes.move(meta, to);
  }
}

const runs = [
  { run: 'r1', leased: true },
  { run: 'r3', leased: false },
];
const held = { kind: 'held', cancelled: false };

it.each<readonly [string, (log: SessionLog, session: string) => Promise<unknown>, unknown]>([
  ['told where it stands', (log, session) => log.head(session), { runs }],
  ['opened', (log, session) => log.open(session, { limit: 9 }), { count: 1, runs }],
  [
    'written to',
    (log, session) => log.append(session, { run: 'r1', attempt: 1, seq: 2, entry: entry('more') }),
    { kind: 'appended', cancelled: false },
  ],
  [
    'kept by the lease of a run',
    (log, session) => log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs }),
    held,
  ],
  ['asked to stop', (log, session) => cancelRun(log, session, 'r1'), { state: 'stopping' }],
  ['given a message', (log, session) => log.send(session, sendOf('c4')), { kind: 'accepted' }],
  ['stored', (log, session) => store(log, session, [item(1)], { count: 2 }), 'done'],
])('a session whose slot begins to move is %s as ever, though it has no files', async (...of) => {
  const [, ask, answer] = of;
  const under = redisUnderTest(admin, admin);
  const { log, keys } = under;
  onTestFinished(() => log.close());
  const session = await lived(under);
  const { meta } = keys.of(session);
  const told = await whileMoving(meta, () => ask(log, session));
  if (typeof answer === 'string') expect(told).toBe(answer);
  else expect(told).toMatchObject(answer as object);
  // What could not be seen to meanwhile is seen to by the next who opens it.
  await log.open(session, { limit: 1 });
  expect(await admin.pttl(meta)).toBeGreaterThan(longMs);
});

it('a session whose slot begins to move is deleted whole, also with a run whose lease is out of reach', async () => {
  const under = redisUnderTest(admin, admin);
  const { log, keys } = under;
  onTestFinished(() => log.close());
  const session = await lived(under);
  const digest = 'd'.repeat(43);
  await log.claim(session, { name: 'call', holder: 'tab', leaseMs: longMs });
  await log.putPiece(session, 'u', 0, Buffer.from('a'));
  await log.keepFile(session, 'u', { digest, bytes: 1, mediaType: 'text/plain', pieces: 1 });
  await log.putPiece(session, 'u', 0, Buffer.from('b'));
  const { meta } = keys.of(session);
  expect(await whileMoving(meta, () => log.delete(session))).toBe(true);
  expect(await log.head(session)).toBeNull();
  expect(await log.run(session, 'r3')).toMatchObject({ state: 'lost' });
});

it('HF-LOG-24: a run whose lease is left behind by its session for a moment is taken for lost by nobody', async () => {
  const { log, keys } = redisUnderTest(admin, admin);
  onTestFinished(() => log.close());
  const { session } = await startRun(log);
  const { meta } = keys.of(session);
  const from = await nodes.ownerOf(meta);
  const to = nodes.nodes.find((node) => node !== from) as RedisServer;
  const suspect = () => log.suspect(session, { run: 'r1', attempt: 1, graceMs: 0 });
  await whileMoving(meta, async () => {
    await asked(from, ['MIGRATE', '127.0.0.1', String(to.port), meta, '0', '5000']);
    expect(await log.head(session)).toMatchObject({ runs: [{ run: 'r1' }] });
    await expect(suspect()).rejects.toMatchObject({ code: 'unavailable' });
  });
  expect(await suspect()).toEqual({ kind: 'alive' });
});
