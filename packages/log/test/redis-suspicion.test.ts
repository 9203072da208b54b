import { expect, it, vi } from 'vitest';
import { startRun } from '../src/conformance/kit.ts';
import { redisFixture } from './support/redis-fixture.ts';

/** Longer than a command takes, shorter than one waits for a test. */
const graceMs = 1_500;
const look = { run: 'r1', attempt: 1, graceMs } as const;
/** What the slowest needs to be back, but for what passes until a test asks. */
const backMs = 5_000;

/** A run whose lease has run out, and that its Redis counts as lost. */
async function lostRun() {
  const fixture = await redisFixture({ appendfsync: 'always' });
  const { log } = fixture;
  const { session } = await startRun(log, { leaseMs: 5 });
  await vi.waitFor(async () => expect(await log.suspect(session, look)).toEqual({ kind: 'lost' }));
  return { ...fixture, session };
}

it('HF-LOG-24: whoever has only just reached the log waits before it takes a run for lost', async () => {
  const { another, session } = await lostRun();
  const late = another();
  const first = await late.suspect(session, look);
  expect(first).toMatchObject({ kind: 'suspected' });
  expect(first.kind === 'suspected' && first.leftMs).toBeLessThanOrEqual(graceMs);
  await vi.waitFor(async () => expect(await late.suspect(session, look)).toEqual({ kind: 'lost' }));
});

it('HF-LOG-24: and is told how long it has to wait yet, which grows less', async () => {
  const { another, session } = await lostRun();
  const late = another();
  const patient = { ...look, graceMs: 600_000 };
  const left = async () => {
    const told = await late.suspect(session, patient);
    return told.kind === 'suspected' ? told.leftMs : Number.NaN;
  };
  const first = await left();
  expect(first).toBeLessThanOrEqual(600_000);
  await vi.waitFor(async () => expect(await left()).toBeLessThan(first));
});

type Fixture = Awaited<ReturnType<typeof lostRun>>;
const outages: readonly [
  string,
  (its: Fixture) => Promise<void>,
  (its: Fixture) => Promise<void>,
][] = [
  ['refused', ({ proxy }) => proxy.refuse(), ({ proxy }) => proxy.pass()],
  ['cut off without a word', async ({ proxy }) => proxy.blackhole(), ({ proxy }) => proxy.pass()],
  ['killed', ({ server }) => server.kill(), ({ server }) => server.start()],
  ['paused', async ({ server }) => server.pause(), async ({ server }) => server.resume()],
];

it.each(outages)(
  'HF-LOG-24: where Redis was %s, all others have the time to come back that they may need, however short the grace is',
  async (_, begin, end) => {
    const its = await lostRun();
    const { log, session } = its;
    await begin(its);
    await vi.waitFor(() =>
      expect(log.head(session)).rejects.toMatchObject({ code: 'unavailable' }),
    );
    await end(its);
    const first = await vi.waitFor(() => log.suspect(session, look), { timeout: 10_000 });
    expect(first.kind === 'suspected' && first.leftMs).toBeGreaterThan(backMs);
  },
);

it('HF-LOG-24: so they have after an outage that nothing was asked in, and after several', async () => {
  const { server, log, session } = await lostRun();
  for (let round = 0; round < 2; round++) {
    await server.kill();
    await server.start();
    const first = await vi.waitFor(() => log.suspect(session, look), { timeout: 10_000 });
    expect(first.kind === 'suspected' && first.leftMs).toBeGreaterThan(backMs);
  }
});

it('HF-LOG-25: a run that was given up is lost for them at once', async () => {
  const { another, log, session } = await lostRun();
  await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 0 });
  expect(await another().suspect(session, look)).toEqual({ kind: 'lost' });
});
