import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import { asked } from '@holdfast/testkit/redis-replicas';
import { Cluster } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { bodiesOf, entry, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { patient, unavailable, untilKnown } from './support/outages.ts';
import { callsOf, durableAt, replicated, serverOf } from './support/replicated.ts';

const chunks = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `chunk ${from + at}`);

it('HF-LOG-44: what two replicas are to have is unknown until both have it, and comes once', async () => {
  const { master, replicas } = await replicated();
  const log = durableAt(master.url, { replicas: 2 });
  const { session, append } = await startRun(log);
  expect(await append(1)).toMatchObject({ kind: 'appended' });
  replicas[1].pause();
  const written = entry('chunk 2');
  await expect(append(2, { entry: written })).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringMatching(/1 of 2 replicas had it within 1500 ms/),
  });
  // It is there, and a repetition writes nothing: it is not durable by that.
  expect((await bodiesOf(log, session)).at(-1)).toBe('chunk 2');
  await expect(append(2, { entry: written })).rejects.toMatchObject(unavailable);
  replicas[1].resume();
  expect(await untilKnown(() => append(2, { entry: written }))).toMatchObject({
    kind: 'duplicate',
  });
  expect(await append(3)).toMatchObject({ kind: 'appended' });
  expect((await bodiesOf(log, session)).slice(2)).toEqual(chunks(1, 3));
}, 60_000);

it('HF-LOG-44: a repetition of what no replica has is not acknowledged to another process either', async () => {
  const { master, replicas } = await replicated();
  const { session, append } = await startRun(durableAt(master.url));
  for (const replica of replicas) replica.pause();
  const written = entry('chunk 1');
  expect(await append(1, { entry: written })).toMatchObject({ kind: 'appended' });
  const another = durableAt(master.url, { replicas: 1 });
  const again = { run: 'r1', attempt: 1, seq: 1, entry: written };
  await expect(another.append(session, again)).rejects.toMatchObject(unavailable);
  const repeated = sendOf('c1', 'r1');
  await expect(another.send(session, repeated)).rejects.toMatchObject(unavailable);
  for (const replica of replicas) replica.resume();
  expect(await untilKnown(() => another.append(session, again))).toMatchObject({
    kind: 'duplicate',
  });
  expect(await another.send(session, repeated)).toMatchObject({ kind: 'duplicate' });
}, 60_000);

it('HF-LOG-44: when the master is killed while writers write, a promoted replica has all that was acknowledged', async () => {
  const { master, replicas, promote } = await replicated();
  const log = durableAt(master.url, { replicas: 2 });
  const session = newSession();
  const runs = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8'];
  for (const run of runs) await log.send(session, sendOf(run, run, { entries: [entry(run)] }));
  const acknowledged = new Map(runs.map((run) => [run, 0]));
  const writers = runs.map(async (run) => {
    for (let seq = 1; ; seq++) {
      const written = entry(`${run} ${seq}`);
      await log.append(session, { run, attempt: 1, seq, entry: written });
      acknowledged.set(run, seq);
    }
  });
  const ended = Promise.allSettled(writers);
  await vi.waitFor(() => expect(Math.min(...acknowledged.values())).toBeGreaterThan(100), patient);
  await promote(replicas[1]);
  for (const { status, reason } of (await ended) as PromiseRejectedResult[])
    expect([status, reason]).toEqual(['rejected', expect.objectContaining(unavailable)]);
  const bodies = await bodiesOf(durableAt(replicas[1].url), session);
  for (const [run, last] of acknowledged) {
    const own = bodies.filter((body) => body.startsWith(`${run} `));
    expect(own.length).toBeGreaterThanOrEqual(last);
    expect(own).toEqual(own.map((_, at) => `${run} ${at + 1}`));
  }
}, 60_000);

it('HF-LOG-44: a reply that is lost behind the write leaves it unknown, and its repetition is known', async () => {
  const { master } = await replicated();
  const proxy = await FaultProxy.start({ port: master.port });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const log = durableAt(`redis://127.0.0.1:${proxy.port}`, { replicas: 2 });
  const { session, append } = await startRun(log);
  await append(1);
  proxy.swallowNextReply((request) => request.includes('WAIT'));
  const written = entry('chunk 2');
  await expect(append(2, { entry: written })).rejects.toMatchObject(unavailable);
  expect(await untilKnown(() => append(2, { entry: written }))).toMatchObject({
    kind: 'duplicate',
  });
  expect((await bodiesOf(log, session)).slice(2)).toEqual(chunks(1, 2));
}, 60_000);

it('HF-LOG-44: a write that asks for more waits for it, and holds up nobody who does not', async () => {
  const { master, replicas } = await replicated();
  const log = durableAt(master.url);
  const { session, append } = await startRun(log);
  for (const replica of replicas) replica.pause();
  const asks = { durability: { replicas: 1 } } as const;
  const send = log.send(session, { ...sendOf('c2'), ...asks });
  const written = { run: 'r1', attempt: 1, seq: 1, entry: entry('chunk 1'), ...asks };
  const appended = log.append(session, written);
  const outcomes = Promise.allSettled([send, appended]);
  // Those who wait are there for others to see.
  await vi.waitFor(async () => expect(await bodiesOf(log, session)).toHaveLength(5), patient);
  expect(await append(2)).toMatchObject({ kind: 'appended' });
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  for (const replica of replicas) replica.resume();
  expect(await untilKnown(() => log.append(session, written))).toMatchObject({ kind: 'duplicate' });
}, 60_000);

it('HF-LOG-44: a write that asks for less gets what all get', async () => {
  const { master, replicas } = await replicated();
  const log = durableAt(master.url, { replicas: 1 });
  const { session } = await startRun(log);
  for (const replica of replicas) replica.pause();
  const written = { run: 'r1', attempt: 1, seq: 1, entry: entry('chunk 1') };
  await expect(log.append(session, { ...written, durability: 'redis' })).rejects.toMatchObject(
    unavailable,
  );
}, 60_000);

it('HF-LOG-44: writes that come while a group waits share the next WAIT', async () => {
  const { master } = await replicated();
  const log = durableAt(master.url, { replicas: 2 });
  const started = await Promise.all(Array.from({ length: 50 }, () => startRun(log)));
  // From here on the server knows the script.
  await Promise.all(started.map(({ append }) => append(1)));
  const before = await callsOf(master, 'wait');
  for (let seq = 2; seq <= 11; seq++) await Promise.all(started.map(({ append }) => append(seq)));
  const waits = (await callsOf(master, 'wait')) - before;
  expect(waits).toBeGreaterThanOrEqual(10);
  expect(waits).toBeLessThanOrEqual(20);
}, 60_000);

it('HF-LOG-44: a script that the server has forgotten is brought again', async () => {
  const { master } = await replicated();
  const log = durableAt(master.url, { replicas: 2 });
  const { append } = await startRun(log);
  await append(1);
  await asked(master, ['SCRIPT', 'FLUSH']);
  expect(await append(2)).toMatchObject({ kind: 'appended' });
}, 60_000);

it('HF-LOG-45: `ready` refuses a server with fewer replicas than are promised, with words', async () => {
  const server = await serverOf();
  for (const replicas of [1, 2])
    await expect(durableAt(server.url, { replicas }).ready()).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(
        `unable to promise ${replicas} replicas: Redis at .* has 0; attach more`,
      ),
    });
});

it('HF-LOG-44: a closed log opens no connection for a write that asks for a replica', async () => {
  const server = await serverOf();
  const log = durableAt(server.url);
  const { session } = await startRun(log);
  await log.close();
  const late = { ...sendOf('late'), durability: { replicas: 1 } };
  await expect(log.send(session, late)).rejects.toMatchObject(unavailable);
  expect(String(await asked(server, ['CLIENT', 'LIST']))).not.toContain('name=holdfast-committer');
});

it('HF-LOG-45: a user that may not wait for replicas is told so by `ready`', async () => {
  const { master } = await replicated();
  const rules = ['on', '>word', '~*', '&*', '+@all', '-wait'];
  await asked(master, ['ACL', 'SETUSER', 'poor', ...rules]);
  const log = durableAt(master.url.replace('redis://', 'redis://poor:word@'), { replicas: 1 });
  await expect(log.ready()).rejects.toThrow(/NOPERM.*docs\/deploy\.md lists/);
}, 60_000);

it('HF-LOG-44: on a cluster each node waits for its own replica, and a promoted one has what was acknowledged', async () => {
  const cluster = await RedisCluster.start({ replicas: true });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const admin = new Cluster([...cluster.addresses], { lazyConnect: true });
  const log = createRedisLog({ redis: admin, prefix: 'p', durability: { replicas: 1 } });
  onTestFinished(() => log.close());
  await log.ready();
  const started = await Promise.all(Array.from({ length: 24 }, () => startRun(log)));
  for (let seq = 1; seq <= 5; seq++)
    for (const { kind } of await Promise.all(started.map(({ append }) => append(seq))))
      expect(kind).toBe('appended');
  // A group that comes to a node which has no more of it looks where the slot has gone.
  const [first] = started;
  const key = `p:{${first?.session}}:meta`;
  const owner = await cluster.ownerOf(key);
  const to = cluster.nodes.slice(0, 3).find((node) => node !== owner);
  if (to) await cluster.move(key, to);
  expect(await untilKnown(async () => await first?.append(6))).toMatchObject({ kind: 'appended' });
  const dead = await cluster.ownerOf(key);
  await dead.kill();
  await cluster.replaced(dead);
  for (const { session } of started) {
    const bodies = await vi.waitFor(() => bodiesOf(log, session), patient);
    expect(bodies.slice(2)).toEqual(chunks(1, session === first?.session ? 6 : 5));
  }
}, 90_000);
