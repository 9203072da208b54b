import type {} from '@holdfast/testkit/redis-global-setup';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import type { SessionLog } from '../src/index.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import { acts } from './model/acts.ts';
import { Model } from './model/model.ts';
import { Performer } from './model/performer.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const limits = { sessionBytes: 80, sessionEntries: 8 };
const admin = new Redis(inject('redisUrl'));
const redis = redisUnderTest(inject('redisUrl'), admin, limits);
afterAll(async () => {
  await redis.cleanup();
  admin.disconnect();
});

/** Does random acts to the model and to a log, and expects the same answers. */
async function sameAsModel(
  runs: number,
  log: SessionLog,
  expire: (session: string, run: string) => Promise<void>,
): Promise<void> {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      round += 1;
      const suffix = `-${round}`;
      const model = new Model(limits);
      const performer = new Performer(log, (name) => name + suffix, expire);
      const sessions = [...new Set(list.map(({ session }) => session))];
      const epilogue = sessions.flatMap((session) => [
        { session, kind: 'head' } as const,
        { session, kind: 'open', limit: 1_000 } as const,
        { session, kind: 'read', epoch: null, id: '0-0', limit: 1_000 } as const,
      ]);
      for (const drawn of [...list, ...epilogue]) {
        const act = model.named(drawn);
        expect({ act, answer: await performer.do(act) }).toEqual({ act, answer: model.do(act) });
      }
    }),
    { numRuns: runs },
  );
}

const title =
  'HF-LOG-1, HF-LOG-2, HF-LOG-3, HF-LOG-4, HF-LOG-5, HF-LOG-32, HF-LOG-8, HF-LOG-18, HF-LOG-17, HF-LOG-19, HF-LOG-20, HF-POS-3: random acts are answered as by the model';

it(`${title}, in memory`, async () => {
  const memory = new MemoryLog({ limits });
  await sameAsModel(1_000, memory, async (session, run) => {
    const state = memory.sessions.get(session)?.runs.get(run);
    if (state) state.leaseUntil = 0;
  });
}, 60_000);

it(`${title}, on Redis`, async () => {
  await sameAsModel(150, redis.log, async (session, run) => {
    await admin.unlink(redis.keys.of(session).leases + run);
  });
}, 60_000);
