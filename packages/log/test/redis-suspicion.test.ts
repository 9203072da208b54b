import { expect, it, vi } from 'vitest';
import { startRun } from '../src/conformance/kit.ts';
import { redisFixture } from './support/redis-fixture.ts';

/** Longer than a command takes, shorter than one waits for a test. */
const graceMs = 1_500;
const look = { run: 'r1', attempt: 1, graceMs };

/** A run whose lease has run out, and that its Redis counts as lost. */
async function lostRun() {
  const fixture = await redisFixture();
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

it.each(['refused', 'cut off without a word'] as const)(
  'HF-LOG-24: so does whoever was %s in between, because the process of the run may have been, too',
  async (fault) => {
    const { proxy, log, session } = await lostRun();
    if (fault === 'refused') await proxy.refuse();
    else proxy.blackhole();
    await vi.waitFor(() =>
      expect(log.head(session)).rejects.toMatchObject({ code: 'unavailable' }),
    );
    await proxy.pass();
    const first = await vi.waitFor(() => log.suspect(session, look));
    expect(first).toMatchObject({ kind: 'suspected' });
    await vi.waitFor(async () =>
      expect(await log.suspect(session, look)).toEqual({ kind: 'lost' }),
    );
  },
);

it('HF-LOG-25: a run that was given up is lost for them at once', async () => {
  const { another, log, session } = await lostRun();
  await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 0 });
  expect(await another().suspect(session, look)).toEqual({ kind: 'lost' });
});
