import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRun } from '../src/conformance/kit.ts';
import { createFeeds } from '../src/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { teller } from './support/feed-fixture.ts';
import { logAt } from './support/redis-fixture.ts';

const patient = { timeout: 20_000 };

async function serverWith(args: readonly string[] = []) {
  const server = await RedisServer.start({ args });
  const admin = new Redis(server.url);
  onTestFinished(async () => {
    admin.disconnect();
    await server[Symbol.asyncDispose]();
  });
  return { server, admin };
}

/** Ends the connections of one name. */
async function kill(admin: Redis, name: string): Promise<void> {
  for (const line of String(await admin.client('LIST')).split('\n')) {
    const id = /^id=(\d+) /.exec(line)?.[1];
    if (id !== undefined && line.includes(` name=${name} `)) await admin.client('KILL', 'ID', id);
  }
}

it('HF-LOG-34: who is subscribed at a server that was cut off, and lives on, subscribes at the new one', async () => {
  const old = await serverWith();
  const heir = await serverWith(['--replicaof', '127.0.0.1', String(old.server.port)]);
  const proxy = await FaultProxy.start({ port: old.server.port });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const log = logAt(`redis://127.0.0.1:${proxy.port}`);
  const { session, append } = await startRun(log);
  const feeds = createFeeds(log, { limits: { pollMs: 200 } });
  onTestFinished(() => feeds.close());
  const { feed } = await feeds.acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  await append(1);
  const { meta, channel } = new Keys('holdfast').of(session);
  await vi.waitFor(async () => {
    expect(await heir.admin.hget(meta, 'id')).toBe(feed.position.id);
    expect(told).toHaveLength(1);
  }, patient);

  await heir.admin.call('REPLICAOF', 'NO', 'ONE');
  proxy.aim(heir.server.port);
  await kill(old.admin, 'holdfast-writer');
  let seq = 1;
  await vi.waitFor(
    async () => {
      seq += 1;
      const waiting = vi.waitFor(() => append(seq), patient);
      expect((await waiting).kind).toBe('appended');
      expect(await heir.admin.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    },
    { ...patient, interval: 100 },
  );
  expect(await old.admin.pubsub('NUMSUB', channel)).toEqual([channel, 0]);
  const written = Array.from({ length: seq }, (_, at) => `chunk ${at + 1}`);
  await vi.waitFor(() => expect(told).toEqual(written));
}, 60_000);
