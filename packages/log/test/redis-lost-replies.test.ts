import { expect, it } from 'vitest';
import {
  bodiesOf,
  cancelRun,
  entry,
  longMs,
  newSession,
  sendOf,
  startRun,
} from '../src/conformance/kit.ts';
import { opened, store } from '../src/conformance/messages.ts';
import type { SessionLog } from '../src/index.ts';
import { unavailable, untilKnown } from './support/outages.ts';
import { redisFixture } from './support/redis-fixture.ts';

/** A script's first use takes two commands; faults are meant for the one that writes. */
async function loadScripts(log: SessionLog): Promise<void> {
  const { session, append } = await startRun(log);
  await log.renew(session, { run: 'r1', attempt: 1, leaseMs: longMs });
  await cancelRun(log, session, 'r1');
  await append(1);
}

it('HF-LOG-4: an append whose reply was lost is a duplicate when it is repeated', async () => {
  const { proxy, log } = await redisFixture();
  const { session, append } = await startRun(log);
  await append(1);
  const same = entry('written once');
  proxy.swallowNextReply((request) => request.includes('written once'));
  await expect(append(2, { entry: same })).rejects.toMatchObject(unavailable);
  expect(await untilKnown(() => append(2, { entry: same }))).toMatchObject({ kind: 'duplicate' });
  expect((await bodiesOf(log, session)).filter((body) => body === same.body)).toHaveLength(1);
});

it('HF-LOG-4: so is one that ended the run, a send, a renewal and a cancel', async () => {
  const { proxy, log } = await redisFixture();
  await loadScripts(log);
  const session = newSession();
  const lost = async (words: string, write: () => Promise<unknown>): Promise<unknown> => {
    proxy.swallowNextReply((request) => request.includes(words));
    await expect(write()).rejects.toMatchObject(unavailable);
    return untilKnown(write);
  };
  const send = sendOf('c1', 'r1');
  expect(await lost('message of c1', () => log.send(session, send))).toMatchObject({
    kind: 'duplicate',
    run: { run: 'r1', state: 'running' },
  });
  const lease = { run: 'r1', attempt: 1, leaseMs: longMs };
  expect(await lost('r1', () => log.renew(session, lease))).toMatchObject({ kind: 'held' });
  const cancel = { target: { run: 'r1' }, entry: () => entry('please stop') };
  expect(await lost('please stop', () => log.cancel(session, cancel))).toMatchObject({
    state: 'stopping',
  });
  const last = { run: 'r1', attempt: 1, seq: 1, entry: entry('the end') };
  const end = { ...last, end: { outcome: 'stopped' } } as const;
  expect(await lost('the end', () => log.append(session, end))).toEqual({
    kind: 'duplicate',
    cancelled: true,
  });
  const bodies = ['message of c1', 'start of r1', 'please stop', 'the end'];
  expect(await bodiesOf(log, session)).toEqual(bodies);
});

it('HF-LOG-4: a checkpoint whose reply was lost is stale when it is repeated, a seed is there already', async () => {
  const { proxy, log } = await redisFixture();
  const loading = newSession();
  await log.seed(loading, { items: [], entry: entry('loads the scripts') });
  await store(log, loading, [{ at: 0, key: 'k0', body: 'loads the scripts' }]);
  const session = newSession();
  const lost = async (words: string, write: () => Promise<unknown>): Promise<unknown> => {
    proxy.swallowNextReply((request) => request.includes(words));
    await expect(write()).rejects.toMatchObject(unavailable);
    return untilKnown(write);
  };
  const seed = { items: [{ key: 'k0', body: 'seeded once' }], entry: entry('begin') };
  expect(await lost('seeded once', () => log.seed(session, seed))).toBe('exists');
  await log.send(session, sendOf('c1', 'r1'));
  const { epoch, checkpoint, top } = await opened(log, session);
  const changes = [{ at: 1, key: 'k1', body: 'stored once' }];
  const base = { epoch, from: checkpoint, through: top, count: 2, changes, keep: 2 };
  const command = { ...base, trim: checkpoint };
  expect(await lost('stored once', () => log.checkpoint(session, command))).toBe('stale');
  expect(await opened(log, session)).toMatchObject({
    items: ['seeded once', 'stored once'],
    checkpoint: top,
    floor: checkpoint,
    entries: [],
  });
});

it('HF-LOG-4: an append that timed out may have been written, and is not written again', async () => {
  const { server, log } = await redisFixture();
  await loadScripts(log);
  const { session, append } = await startRun(log);
  const same = entry('late');
  server.pause();
  await expect(append(1, { entry: same })).rejects.toMatchObject(unavailable);
  server.resume();
  expect(await untilKnown(() => append(1, { entry: same }))).toMatchObject({ kind: 'duplicate' });
  expect((await bodiesOf(log, session)).slice(2)).toEqual(['late']);
});
