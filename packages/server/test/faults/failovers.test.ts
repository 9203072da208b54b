import type { SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type { Entry } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { RedisSentinel } from '@holdfast/testkit/redis-sentinel';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Follower } from '../support/follower.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';
import { spoken } from '../support/spoken.ts';
import { saidBy, textOf } from '../support/talk.ts';

const patient = { timeout: 60_000 };
const limits = { pollMs: 200, pageMessages: 200 };
const words = spoken('w');

/** A process that runs an agent, one that has none, and a client of the latter. */
async function setUp(make: () => SessionLog) {
  const gated = gatedAgent();
  const start = async (agent: typeof gated.agent | null) => {
    const log = make();
    const server = await startServer({ log, agent, limits });
    onTestFinished(async () => {
      await server[Symbol.asyncDispose]();
      await log.close();
    });
    return { server, log };
  };
  const { server: route } = await start(gated.agent);
  const { server: gateway, log } = await start(null);
  const follow = async () => {
    const client = new Follower('s');
    onTestFinished(() => client.leave());
    await client.follow(gateway.origin);
    return client;
  };
  const client = await follow();
  const ask = async (id: string) => {
    const request = { id: 's', command: id, message: userMessage(id, id) };
    return await vi.waitFor(() => route.send(request), patient);
  };
  const { run, messageId } = await ask('m1');
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1), patient);
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const say = (from: number, to: number) => {
    for (const delta of words.slice(from, to)) gated.emit({ type: 'text-delta', id: 't', delta });
  };
  const heard = (upTo: number) =>
    vi.waitFor(() => expect(client.text(run)).toBe(words.slice(0, upTo).join('')), patient);
  const finish = async () => {
    gated.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    gated.end();
    // Both, so that a failure says whether the log or the client stayed behind.
    await vi.waitFor(async () => {
      const head = await log.head('s');
      expect([head?.runs.length, client.position?.id]).toEqual([0, head?.top]);
    }, patient);
    // Who was reset behind the end of the run got a snapshot, which has only runs of the last message then.
    expect([undefined, 'finished']).toContain(client.projection.run(run)?.state);
    expect(client.textIn(messageId)).toBe(words.join(''));
  };
  /** What the next agent is given, beside what clients showed when it was asked. */
  const prompted = async () => {
    const fresh = await follow();
    const shown = (await fresh.messages()).map((message) => saidBy(message as never));
    expect((await client.messages()).map(textOf)).toEqual((await fresh.messages()).map(textOf));
    await ask('m2');
    await vi.waitFor(() => expect(gated.calls).toHaveLength(2), patient);
    const given = gated.calls[1]?.messages.map((message) => saidBy(message));
    expect(given).toEqual([...shown, 'm2: m2']);
  };
  return { log, client, ask, say, heard, finish, prompted };
}

it.each([
  ['shorter than what clients have', 0],
  ['regrown over it by other sends', 60],
])(
  'F7, HF-LOG-2, HF-POS-6: a replica takes its master’s place without the tail, and the log is %s: what is said is whole, for clients and the next prompt',
  async (_, others) => {
    const servers = await RedisReplicas.start({ appendfsync: 'always' });
    onTestFinished(() => servers[Symbol.asyncDispose]());
    const proxy = await FaultProxy.start({ port: servers.master.port });
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const prefix = 'failover';
    const redis = `redis://127.0.0.1:${proxy.port}`;
    const { client, log, say, heard, finish, prompted } = await setUp(() =>
      createRedisLog({ redis, prefix, onWarning: () => {} }),
    );
    say(0, 400);
    await heard(400);
    await servers.level();
    await servers.detach();
    say(400, 600);
    await heard(600);
    await proxy.refuse();
    await servers.failOver();
    // Others reach the new master first.
    const other = createRedisLog({ redis: servers.master.url, prefix });
    onTestFinished(() => other.close());
    for (let at = 0; at < others; at++) {
      const message = userMessage(`o${at}`, 'other');
      const body = JSON.stringify({ k: 'message', message, at: 0 } satisfies Entry);
      await other.send('s', { command: `o${at}`, entries: [{ nonce: at + 1, body }] });
    }
    proxy.aim(servers.master.port);
    await proxy.pass();
    say(600, 1_000);
    await finish();
    expect(client.projection.size).toBe(2 + others);
    const head = await log.head('s');
    await vi.waitFor(() => expect(client.position?.id).toBe(head?.top), patient);
    await prompted();
  },
  120_000,
);

it('F7, F8, HF-RUN-13: a Sentinel puts a replica in the place of a master that dies in mid-answer, and the answer is whole', async () => {
  const redis = await RedisSentinel.start();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const given = new Redis({ ...redis.address, lazyConnect: true });
  onTestFinished(() => given.disconnect());
  const { say, heard, finish, prompted } = await setUp(() =>
    createRedisLog({ redis: given, prefix: 'sentinel', onWarning: () => {} }),
  );
  say(0, 400);
  await heard(400);
  await redis.servers.master.kill();
  say(400, 700);
  await redis.failedOver();
  say(700, 1_000);
  await finish();
  await prompted();
}, 120_000);
