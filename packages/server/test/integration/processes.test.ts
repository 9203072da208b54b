import { createRedisLog } from '@holdfast/log/redis';
import type { Entry } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { Follower } from '../support/follower.ts';
import { type Forked, forked } from '../support/forked.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { Carrier } from '../support/server.ts';
import { spoken } from '../support/spoken.ts';
import { textOf } from '../support/talk.ts';

// Every writer and every gateway is a process of its own here, and so can be killed or paused.
const limits = { leaseMs: 1_000, graceMs: 100, pollMs: 100 };

function setUp() {
  const prefix = uniquePrefix();
  const redis = inject('redisUrl');
  const log = createRedisLog({ redis, prefix });
  onTestFinished(() => log.close());
  const id = `s-${crypto.randomUUID()}`;
  const gateway = async () => {
    const process = forked('gateway-process.ts', redis, prefix, JSON.stringify(limits));
    const { origin } = (await process.tells('origin')) as { origin: string };
    return { ...process, origin };
  };
  const writer = async (name: string, word: string, onLost = 'fail') => {
    const given = [redis, prefix, name, word, onLost, JSON.stringify(limits)];
    const process = forked('writer-process.ts', ...given);
    await process.tells('ready');
    return process;
  };
  const follow = async (origin: string, carrier: Carrier = 'socket') => {
    const client = new Follower(id, carrier);
    onTestFinished(() => client.leave());
    await client.follow(origin);
    return client;
  };
  const entries = async (): Promise<readonly Entry[]> => {
    const all: Entry[] = [];
    for (let after = null as { epoch: string; id: string } | null; ; ) {
      const read = await log.read(id, { after, limit: 500 });
      if (read.kind !== 'entries') throw new Error(read.kind);
      all.push(...read.entries.map(({ body }) => JSON.parse(body) as Entry));
      const last = read.entries.at(-1);
      if (!last || last.id === read.top) return all;
      after = { epoch: read.epoch, id: last.id };
    }
  };
  return { log, id, gateway, writer, follow, entries };
}

const runOf = async (writer: Forked) => (await writer.tells('began')).began as string;

const written = (entries: readonly Entry[], run: string): string =>
  entries
    .flatMap((entry) => (entry.k === 'chunks' && entry.run === run ? entry.c : []))
    .map(({ type, delta }) => (type === 'text-delta' ? String(delta) : ''))
    .join('');

const endsOf = (entries: readonly Entry[], run: string) =>
  entries.flatMap((entry) => (entry.k === 'run-end' && entry.run === run ? [entry.outcome] : []));

it('F3, F4, HF-SUB-5, HF-RUN-12: when a gateway and one of two agents are killed, the other’s text is whole for everyone, and the dead one’s run is lost once', async () => {
  const { id, gateway, writer, follow, entries } = setUp();
  const [near, far] = [await gateway(), await gateway()];
  const [one, two] = [await writer('one', 'a'), await writer('two', 'b')];
  const clients = [
    await follow(near.origin),
    await follow(far.origin),
    await follow(near.origin, 'events'),
  ];
  const [first, second, third] = clients as [Follower, Follower, Follower];
  for (const each of [one, two]) each.send({ run: id, upTo: 300 });
  const [survivor, dead] = [await runOf(one), await runOf(two)];
  for (const client of clients)
    for (const run of [survivor, dead]) await client.until(() => client.text(run).length > 300);

  // Both are let on at that moment, so that it is in the middle of what they say.
  for (const each of [one, two]) each.send({ upTo: 600 });
  near.child.kill('SIGKILL');
  two.child.kill('SIGKILL');
  await Promise.all([first.gone(), third.gone()]);
  await first.follow(far.origin);
  const ended = (client: Follower, run: string) =>
    client.until(() => client.projection.run(run)?.state !== 'running');
  one.send({ upTo: 1_000 });
  await Promise.all([first, second].map((client) => ended(client, survivor)));
  await Promise.all([first, second].map((client) => ended(client, dead)));
  // Comes back only when all is over.
  await third.follow(far.origin);

  const all = await entries();
  expect(endsOf(all, survivor)).toEqual(['finished']);
  expect(endsOf(all, dead)).toEqual(['lost']);
  const whole = spoken('a').join('');
  const begun = written(all, dead);
  expect(written(all, survivor)).toBe(whole);
  expect(begun.length).toBeGreaterThan(300);
  expect(spoken('b').join('').startsWith(begun)).toBe(true);

  const fresh = await follow(far.origin);
  const history = await fresh.messages();
  expect(history.map(textOf).sort()).toEqual([whole, begun].sort());
  for (const client of clients) {
    expect(client.breaks).toEqual([]);
    expect(client.text(survivor)).toBe(whole);
    expect(client.text(dead)).toBe(begun);
    expect(await client.messages()).toEqual(history);
    expect(client.projection.run(survivor)?.state).toBe('finished');
    expect(client.projection.run(dead)?.state).toBe('lost');
  }
  // They went on from where they were, and were not told everything anew.
  expect([first.modes.at(-1), third.modes.at(-1)]).toEqual(['replay', 'replay']);
}, 60_000);

/** An agent was paused in the middle of what it says, and this process has taken its run over. */
async function paused() {
  const { log, id, writer, follow, entries } = setUp();
  const { agent, calls, emit, end } = gatedAgent();
  const server = await startOwnServer({ log, onLost: 'retry', limits });
  server.holdfast.register(agent, 'it');
  const one = await writer('it', 'a', 'retry');
  const client = await follow(server.origin);
  one.send({ run: id, upTo: 300 });
  const run = await runOf(one);
  await client.until(() => client.text(run) === spoken('a').slice(0, 300).join(''));
  one.child.kill('SIGSTOP');
  await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 20_000 });
  emit(...answer('Hello').slice(0, 5));
  await client.until(() => client.text(run) === 'Hel');
  /** It wakes in the middle of its work, and goes on with it. */
  const wake = () => {
    one.send({ upTo: 1_000, step: 'late' });
    one.child.kill('SIGCONT');
  };
  const finish = async () => {
    emit(...answer('Hello').slice(5));
    end();
    await client.until(() => client.projection.run(run)?.state === 'finished');
  };
  return { server, one, client, run, wake, finish, follow, entries };
}

it.each([
  ['is at it', false],
  ['has finished', true],
])(
  'F11, HF-LOG-3, HF-RUN-16, HF-RUN-17: an agent that was paused writes nothing more and does no step, when the one that has taken over %s',
  async (_, finished) => {
    const { server, one, client, run, wake, finish, follow, entries } = await paused();
    if (finished) await finish();
    wake();
    expect((await one.tells('error')).error).toBe('conflict');
    // Nor does it do what another may have done, or will do.
    expect(await one.tells('step')).toEqual({ step: 'late', refused: 'conflict' });
    expect(one.told.filter((said) => 'did' in said)).toEqual([]);
    if (!finished) await finish();

    const all = await entries();
    expect(endsOf(all, run)).toEqual(['finished']);
    const by = (attempt: number) =>
      all.filter((entry) => entry.k === 'chunks' && entry.attempt === attempt);
    expect(written(by(1), run)).toBe(spoken('a').slice(0, 300).join(''));
    expect(written(by(2), run)).toBe('Hello');
    const fresh = await follow(server.origin);
    const history = await fresh.messages();
    expect(history.map(textOf)).toEqual(['Hello']);
    expect(await client.messages()).toEqual(history);
    expect(client.breaks).toEqual([]);
  },
  60_000,
);
