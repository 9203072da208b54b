import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import { Cluster } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { entry, newSession, readAll, sendOf } from '../src/conformance/kit.ts';
import { createFeeds, type SessionLog } from '../src/index.ts';
import { teller } from './support/feed-fixture.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const patient = { timeout: 30_000 };
const leaseMs = 600_000;

/** A session with a run that is written to all the while, and what a follower of it was told. */
async function writing(log: SessionLog) {
  const feeds = createFeeds(log, { limits: { pollMs: 200 } });
  onTestFinished(() => feeds.close());
  const session = newSession();
  const told: string[] = [];
  const { feed } = await feeds.acquire(session);
  feed.listen(teller(told));
  await log.send(session, sendOf('c1', 'r1', { leaseMs }));
  let state: 'open' | 'ended' = 'open';
  const sent: ReturnType<typeof entry>[] = [];
  const done = (async () => {
    for (let seq = 1; state === 'open' || seq <= sent.length; seq++) {
      const written = sent[seq - 1] ?? entry(`chunk ${seq}`);
      sent[seq - 1] = written;
      const append = { run: 'r1', attempt: 1, seq, entry: written };
      const outcome = await vi.waitFor(() => log.append(session, append), patient);
      // A failover may lose what was acknowledged: it is written again.
      if (outcome.kind === 'gap') seq = outcome.expected - 1;
      else expect(outcome.kind).toMatch(/^(appended|duplicate)$/);
    }
  })();
  const end = async () => {
    state = 'ended';
    await done;
    return sent.length;
  };
  return { session, told, end, count: () => sent.length };
}

it('F23, HF-LOG-4, HF-LOG-14: slots that move under load, and a master that dies, lose and double nothing', async () => {
  await using cluster = await RedisCluster.start({ replicas: true });
  const admin = new Cluster([...cluster.addresses]);
  admin.on('error', () => {});
  onTestFinished(() => admin.disconnect());
  const { log, keys } = redisUnderTest(admin, admin);
  onTestFinished(() => log.close());
  const all = await Promise.all(Array.from({ length: 6 }, () => writing(log)));
  const more = () => {
    const counts = all.map(({ count }) => count());
    return vi.waitFor(
      () => expect(all.every(({ count }, at) => count() > (counts[at] ?? 0) + 20)).toBe(true),
      patient,
    );
  };
  await more();
  for (let round = 0; round < 3; round++)
    for (const { session } of all) {
      const { meta } = keys.of(session);
      const owner = await cluster.ownerOf(meta);
      const masters = cluster.nodes.slice(0, 3);
      const to = masters[(masters.indexOf(owner) + 1) % masters.length];
      if (to) await cluster.move(meta, to);
    }
  await more();
  const dead = await cluster.ownerOf(keys.of(all[0]?.session ?? '').meta);
  await dead.kill();
  await cluster.replaced(dead);
  await more();
  for (const { session, told, end } of all) {
    const written = await end();
    const numbered = Array.from({ length: written }, (_, at) => `chunk ${at + 1}`);
    const read = await vi.waitFor(() => readAll(log, session), patient);
    expect(read.slice(2).map(({ body }) => body)).toEqual(numbered);
    await vi.waitFor(() => {
      // Behind a reset, a follower goes on from where the log was then.
      const since = told.slice(told.findLastIndex((each) => each.startsWith('reset')) + 1);
      const bodies = read.map(({ body }) => body);
      expect(since).toEqual(bodies.slice(bodies.length - since.length));
      expect(since.at(-1)).toBe(bodies.at(-1));
    }, patient);
  }
}, 180_000);
