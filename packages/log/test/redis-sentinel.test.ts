import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { collect, startRun } from '../src/conformance/kit.ts';
import { logAt } from './support/redis-fixture.ts';
import { masterName, watched } from './support/sentinel.ts';

it('HF-LOG-33: behind Sentinels, a master that hangs is left for the promoted one, by all connections', async () => {
  const { master, replica, sentinel } = await watched();
  const log = logAt(new Redis({ sentinels: [sentinel], name: masterName, lazyConnect: true }));
  const { session, append } = await startRun(log);
  const heard = await collect(log, session);
  expect(await append(1)).toMatchObject({ kind: 'appended' });
  const told = new Redis(sentinel);
  onTestFinished(() => told.disconnect());
  // Both connections are told of a new master, however quiet they are.
  await vi.waitFor(async () => {
    const list = String(await told.client('LIST'));
    expect(list.match(/ sub=1 /g)).toHaveLength(2);
  });
  const before = new Redis(master.url);
  onTestFinished(() => before.disconnect());
  // What no replica has would be lost, which is another test.
  await vi.waitFor(async () => expect(await before.wait(1, 100)).toBe(1), { timeout: 20_000 });
  master.pause();
  const appended = await vi.waitFor(() => append(2), { timeout: 20_000 });
  expect(appended).toMatchObject({ kind: 'appended' });
  const there = new Redis(replica.port, '127.0.0.1');
  onTestFinished(() => there.disconnect());
  expect(String(await there.info('replication'))).toContain('role:master');
  await vi.waitFor(
    async () => {
      await log.signal(session, 'there');
      expect(heard.at(-1)).toEqual({ kind: 'signal', text: 'there' });
    },
    { timeout: 20_000, interval: 200 },
  );
}, 70_000);
