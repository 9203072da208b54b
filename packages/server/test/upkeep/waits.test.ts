import { createMemoryLog, type LiveRun, type SessionLog } from '@holdfast/log';
import { describe, expect, it, vi } from 'vitest';
import type { DecideOnLost, HoldfastOptions } from '../../src/index.ts';
import { noticeOf } from '../../src/runs/noticed.ts';
import { eachDue } from '../../src/upkeep/each-due.ts';
import { leaveRuns } from '../../src/upkeep/leave-runs.ts';
import { takeOver } from '../../src/upkeep/take-over.ts';
import { turn } from '../support/background.ts';
import { entriesIn } from '../support/entries-in.ts';
import { leave, lookingProcess, session } from '../support/looking.ts';

const isReminded = async (log: SessionLog) => (await log.due('runs', 9, 60_000)).length > 0;

describe('HF-RUN-16: a lost run waits for a process that has its agent', () => {
  it.each<[waitMs: number, options: HoldfastOptions]>([
    [20_000, { limits: { leaseMs: 200 } }],
    [20_000, { limits: { leaseMs: 10_000 } }],
    [30_000, { limits: { leaseMs: 15_000 } }],
    [7_000, { limits: { dispatchMs: 7_000 }, dispatch: { add: async () => {} } }],
    [900_000, { limits: { dispatchMs: 900_000 }, dispatch: { add: async () => {} } }],
  ])('for %d ms, and who comes then finds that it has', async (waitMs, options) => {
    const { core, inner, clock } = lookingProcess({ onLost: 'retry', ...options });
    await leave(inner, options.dispatch ? { by: 'worker' } : {});
    await isReminded(inner);
    const lost = (await inner.head(session))?.runs[0] as LiveRun;
    const isAwaited = () => takeOver(core, session, lost);
    expect(await isAwaited()).toBe(true);
    expect(await isReminded(inner)).toBe(true);
    clock.now += waitMs - 1;
    expect(await isAwaited()).toBe(true);
    expect(await isReminded(inner)).toBe(waitMs > 60_000);
    clock.now += 1;
    expect(await isAwaited()).toBe(false);
    clock.now += 590_000;
    expect(await isAwaited()).toBe(false);
  });

  it('for as long again where its own process came back in between', async () => {
    const { core, inner, clock, time } = lookingProcess({ onLost: 'retry' });
    const { log, limits, environment } = core;
    await leave(inner);
    const lost = (await inner.head(session))?.runs[0] as LiveRun;
    const isAwaited = () => takeOver(core, session, lost);
    expect(await isAwaited()).toBe(true);
    const nobody = () => {};
    const on = { log, session, limits, environment, onCancelled: nobody, onLost: nobody };
    const lease = core.attempts.enter({ ...on, run: 'r', attempt: 1 });
    // It stood still for as long.
    time.pass(limits.leaseMs + limits.graceMs);
    const notice = { ...noticeOf('r', 2), holder: 'somebody', leaseMs: 0 };
    await vi.waitFor(async () =>
      expect(await inner.claim(session, notice)).toEqual({ kind: 'held' }),
    );
    lease.release();
    clock.now += 60_000;
    expect(await isAwaited()).toBe(true);
    clock.now += 2 * limits.leaseMs;
    expect(await isAwaited()).toBe(false);
  });

  it.each<[jobs: number, options: HoldfastOptions]>([
    [2, { maxAttempts: 2 }],
    [0, { maxAttempts: 1 }],
    [0, { onLost: 'fail' }],
  ])('which is told with a job, %d here', async (jobs, options) => {
    const added: unknown[] = [];
    const { core, inner, clock } = lookingProcess({
      onLost: 'retry',
      dispatch: { add: async (job) => void added.push(job) },
      ...options,
    });
    await leave(inner, { by: 'worker' });
    clock.now += 10;
    const lost = (await inner.head(session))?.runs[0] as LiveRun;
    for (let looks = 0; looks < 2; looks++) await takeOver(core, session, lost);
    expect(added).toHaveLength(jobs);
    if (jobs > 0) expect(added[0]).toMatchObject({ session, run: 'r', attempt: 2, agent: 'agent' });
  });
});

describe('HF-RUN-12: a run whose lease is over', () => {
  it('is looked at once more when it is lost, however many looked at it before, and is stored then', async () => {
    const { core, inner, clock, time, calls, settled } = lookingProcess({
      onLost: 'fail',
      limits: { graceMs: 4_000 },
    });
    await leave(inner);
    clock.now += 10;
    const look = async () => {
      const head = await inner.head(session);
      if (head) await core.lookout.look(session, head);
    };
    const names = () => calls.splice(0).map(([name]) => name);
    const before = time.timers;
    await look();
    await look();
    expect(names()).toEqual(['suspect', 'suspect']);
    expect(time.timers).toBe(before + 1);
    clock.now += 4_010;
    time.pass(4_009);
    await settled();
    expect(names()).toEqual([]);
    time.pass(1);
    await settled();
    expect(names()).toEqual(['suspect', 'reap']);
    expect((await entriesIn(inner, session)).at(-1)).toMatchObject({
      ...{ k: 'run-end', run: 'r', attempt: 1, outcome: 'lost', messageId: 'a' },
    });
    const { top, checkpoint } = (await inner.head(session)) ?? {};
    expect(checkpoint).toBe(top);
    await look();
    expect(names()).toEqual([]);
  });

  it('is looked at again where the application does not say in time whether it is tried again', async () => {
    const onLost = vi.fn<DecideOnLost>(() => new Promise(() => {}));
    const { core, inner, clock, time, errors } = lookingProcess({
      onLost,
      limits: { graceMs: 4_000, authorizeMs: 1_000 },
    });
    await leave(inner);
    clock.now += 10;
    const look = async () => {
      const head = await inner.head(session);
      if (head) await core.lookout.look(session, head);
    };
    await look();
    clock.now += 4_010;
    const asked = look();
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(1));
    time.pass(999);
    await turn();
    expect(errors).toEqual([]);
    time.pass(1);
    await asked;
    expect(errors).toMatchObject([{ code: 'unavailable' }]);
    onLost.mockReturnValue('fail');
    await look();
    expect((await entriesIn(inner, session)).at(-1)).toMatchObject({ k: 'run-end', run: 'r' });
  });

  it('is not looked at again once all is closed', async () => {
    const { core, inner, clock, time, calls } = lookingProcess({ onLost: 'fail' });
    await leave(inner);
    clock.now += 10;
    const head = await inner.head(session);
    if (head) await core.lookout.look(session, head);
    expect(calls.splice(0).map(([name]) => name)).toEqual(['suspect']);
    await core.close();
    clock.now += 60_000;
    time.pass(60_000);
    await turn();
    await turn();
    expect(calls).toEqual([]);
  });

  it('is left to processes that stay', async () => {
    const { core, inner, clock, calls } = lookingProcess({});
    await leave(inner);
    clock.now += 10;
    const head = await inner.head(session);
    core.lifecycle.drain();
    if (head) await core.lookout.look(session, head);
    expect(calls).toEqual([]);
  });
});

describe('HF-RUN-18: a process that leaves', () => {
  const dispatch = { add: async () => {} };

  it.each<[isReminding: boolean, options: HoldfastOptions]>([
    [false, { onLost: 'fail' }],
    [true, { onLost: 'retry' }],
    [true, { onLost: 'fail', dispatch }],
    [true, { onLost: 'retry', dispatch }],
  ])('has others look after its runs: %s', async (isReminding, options) => {
    const { core, inner } = lookingProcess(options);
    const { log, limits, environment } = core;
    await leave(inner);
    await isReminded(inner);
    const nobody = () => {};
    const on = { log, session, limits, environment, onCancelled: nobody, onLost: nobody };
    core.attempts.enter({ ...on, run: 'r', attempt: 1 });
    await leaveRuns(core);
    expect(await isReminded(inner)).toBe(isReminding);
  });

  it('waits a second for what is under way', async () => {
    const { core, inner, time, calls } = lookingProcess({ onLost: 'retry' });
    const { log, limits, environment } = core;
    await leave(inner);
    const nobody = () => {};
    const on = { log, session, limits, environment, onCancelled: nobody, onLost: nobody };
    core.attempts.enter({ ...on, run: 'r', attempt: 1 });
    core.runs.add(new Promise(() => {}));
    const left = leaveRuns(core);
    time.pass(999);
    await turn();
    expect(calls).toEqual([]);
    time.pass(1);
    await left;
    expect(calls.map(([name]) => name)).toEqual(['renew', 'remind']);
    core.runs.clear();
  });
});

describe('HF-LOG-30: the sessions whose time has come', () => {
  async function due(count: number, claimMs: number, until = Number.POSITIVE_INFINITY) {
    const log = createMemoryLog({ now: () => 0 });
    for (let at = 0; at < count; at++) await log.remind('queue', `s${at}`, 0);
    let asked = 0;
    const visited: string[] = [];
    const counted = {
      due: async (...given: Parameters<SessionLog['due']>) => {
        asked++;
        return await log.due(...given);
      },
    };
    await eachDue(counted, 'queue', claimMs, async (reminder) => {
      await turn();
      visited.push(reminder.session);
      return visited.length < until;
    });
    const left = (await log.due('queue', 10_000, 0)).length;
    expect(new Set(visited).size).toBe(visited.length);
    return { asked, visited: visited.length, left };
  }

  it.each([
    [
      { count: 0, claimMs: 1_000 },
      { asked: 1, visited: 0, left: 0 },
    ],
    [
      { count: 19, claimMs: 1_000 },
      { asked: 1, visited: 19, left: 0 },
    ],
    [
      { count: 40, claimMs: 1_000 },
      { asked: 3, visited: 40, left: 0 },
    ],
    [
      { count: 1_020, claimMs: 1_000 },
      { asked: 50, visited: 1_000, left: 20 },
    ],
    // Each once, although they are due all the time.
    [
      { count: 40, claimMs: 0 },
      { asked: 2, visited: 20, left: 40 },
    ],
    [
      { count: 40, claimMs: 1_000, until: 5 },
      { asked: 1, visited: 5, left: 20 },
    ],
  ])(
    'of %j: %j',
    async ({
      count,
      claimMs,
      until,
    }: { count: number; claimMs: number; until?: number }, wanted) => {
      expect(await due(count, claimMs, until)).toEqual(wanted);
    },
  );
});
