import { rmSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { bodiesOf, entry, sendOf, startRun } from '../src/conformance/kit.ts';
import { opened, store } from '../src/conformance/messages.ts';
import { redisFixture } from './support/redis-fixture.ts';

const patient = { timeout: 20_000 };

/** What makes a server refuse every write. */
const refusals: Readonly<Record<string, (admin: Redis) => Promise<unknown>>> = {
  // A demoted master, cut off from the new one.
  READONLY: (admin) => admin.call('REPLICAOF', '127.0.0.1', '1'),
  NOREPLICAS: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
  MISCONF: async (admin) => {
    const [, folder = ''] = (await admin.config('GET', 'dir')) as [string, string];
    rmSync(folder, { recursive: true });
    await admin.config('SET', 'save', '3600 1');
    await admin.bgsave();
    await vi.waitFor(async () => {
      expect(await admin.info('persistence')).toContain('rdb_last_bgsave_status:err');
    }, patient);
  },
};

it.each(Object.keys(refusals))(
  'HF-LOG-16: a server that refuses writes can be read, and followed (%s)',
  async (why) => {
    const { log, admin, keys, feeds } = await redisFixture();
    const { session, append } = await startRun(log);
    await append(1);
    await store(log, session, [{ at: 0, key: 'k', body: 'stored' }]);
    await log.putPiece(session, 'u', 0, Buffer.from('piece'));
    // The end of its life would have to be moved.
    const { meta } = keys.of(session);
    await admin.pexpire(meta, 60_000);
    const before = await opened(log, session);
    expect(await admin.pttl(meta)).toBeGreaterThan(60_000);
    await admin.pexpire(meta, 60_000);
    await refusals[why]?.(admin);
    const unavailable = { code: 'unavailable', message: expect.stringContaining(why) };
    await expect(log.send(session, sendOf('c2'))).rejects.toMatchObject(unavailable);
    const { runs } = before;
    expect(await vi.waitFor(() => opened(log, session), patient)).toMatchObject({
      ...before,
      runs: runs.map(({ run }) => ({ run })),
    });
    // Whoever meets a server that was demoted looks once a second whether there is another one now.
    await vi.waitFor(() => log.head(session), patient);
    expect(await log.find(session, 'k')).toMatchObject({ at: 0 });
    expect(await log.items(session, { before: 1, limit: 1 })).toMatchObject({ items: ['stored'] });
    expect(await bodiesOf(log, session)).toHaveLength(3);
    expect(await log.piecesOf(session, 'u')).toBe(1);
    expect(await log.readPiece(session, { upload: 'u' }, 0)).toEqual(Buffer.from('piece'));
    expect(await log.fileInfo(session, 'd'.repeat(43))).toBeNull();
    const { feed } = await vi.waitFor(() => feeds().acquire(session), patient);
    expect(feed.position.id).toBe(before.top);
    await expect(append(2, { entry: entry('x') })).rejects.toMatchObject({ code: 'unavailable' });
  },
  60_000,
);
