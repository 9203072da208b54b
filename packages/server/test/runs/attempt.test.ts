import type { LeaseCommand } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Attempt } from '../../src/runs/attempt.ts';
import { attempting } from '../support/attempting.ts';
import { turn } from '../support/background.ts';
import { collect } from '../support/collector.ts';
import { run, session, startOf, word } from '../support/writing.ts';

const end: Entry = { k: 'run-end', run, attempt: 1, messageId: 'm', outcome: 'finished', at: 0 };
const endRun = (attempt: Attempt) => attempt.writer.write(end, { outcome: 'finished' });

describe('an attempt', () => {
  it('knows how old it is, and for how long it is stopped: since the first stop', async () => {
    const { begin, time } = await attempting();
    time.pass(7);
    const attempt = begin();
    time.pass(5);
    expect([attempt.age, attempt.stoppedForMs]).toEqual([5, null]);
    attempt.stop();
    time.pass(2);
    attempt.stop();
    expect([attempt.age, attempt.stoppedForMs]).toEqual([7, 2]);
    expect(attempt.stopped.reason).toMatchObject({ name: 'AbortError' });
    expect(attempt.lost.aborted).toBe(false);
  });

  it('that is closed stops its model, follows nothing more, and renews nothing more', async () => {
    const { begin, hub, time } = await attempting();
    const before = time.timers;
    const listen = vi.spyOn(hub, 'listen');
    const attempt = begin();
    expect([listen.mock.calls.length, time.timers]).toEqual([1, before + 1]);
    attempt.close();
    expect([attempt.stopped.aborted, time.timers]).toEqual([true, before]);
    begin().close();
    // Nobody followed the session when the next one came.
    expect(listen).toHaveBeenCalledTimes(2);
  });

  it('HF-RUN-11: that has written its end is kept for a lease, once, and another one is not', async () => {
    const { begin, time } = await attempting();
    const before = time.timers;
    const attempt = begin();
    await endRun(attempt);
    for (let times = 0; times < 2; times++) attempt.close();
    expect(time.timers).toBe(before + 1);
    time.pass(15_000);
    expect(time.timers).toBe(before);
    const other = begin({ attempt: 2 });
    other.close();
    expect(time.timers).toBe(before);
  });

  it.each([
    [15_000, {}],
    [600_000, { engineLeaseMs: 600_000 }],
  ])('HF-RUN-20: renews a lease of %d ms three times in its life', async (leaseMs, execution) => {
    const asked: LeaseCommand[] = [];
    const { begin, time } = await attempting({}, (log) => ({
      renew: async (id, command) => {
        asked.push(command);
        return await log.renew(id, command);
      },
    }));
    begin(execution);
    // It looks for stops that came before.
    await turn();
    expect(asked.splice(0)).toEqual([{ run, attempt: 1, leaseMs }]);
    time.pass(leaseMs / 3 - 1);
    await turn();
    expect(asked).toEqual([]);
    time.pass(1);
    await turn();
    expect(asked).toEqual([{ run, attempt: 1, leaseMs }]);
  });

  it('HF-RUN-18, HF-RUN-20: is left when its process closes, unless it is an engine’s', async () => {
    for (const [execution, isLost] of [
      [{}, true],
      [{ engineLeaseMs: 600_000 }, false],
    ] as const) {
      const { begin, core } = await attempting();
      const attempt = begin(execution);
      await core.attempts.giveUp(async () => {});
      expect(attempt.lost.aborted).toBe(isLost);
    }
  });

  it('HF-LOG-17: has the session stored while it writes', async () => {
    const { begin, core, inner } = await attempting({ limits: { checkpointBytes: 1_000 } });
    const attempt = begin();
    const stored = async () => (await inner.head(session))?.checkpoint;
    await attempt.writer.write(word('x'.repeat(100)));
    await turn();
    expect([core.tasks(), await stored()]).toEqual([0, '0-0']);
    await attempt.writer.write(word('x'.repeat(1_000)));
    do await turn();
    while (core.tasks() > 0);
    expect(await stored()).toBe((await inner.head(session))?.top);
  });

  it.each([
    ['the first', 1, [word('a'), word('b')]],
    ['a later', 2, [startOf(2), word('a'), word('b')]],
  ])('HF-TEL-2: of %s attempt the first word is timed', async (_, attempt, written) => {
    const { value } = collect();
    const { begin } = await attempting();
    const start = attempt === 1 ? {} : { start: startOf(attempt) as Entry & { k: 'run-start' } };
    const { writer } = begin({ attempt, ...start });
    const timed: number[] = [];
    for (const entry of written) {
      expect(await writer.write({ ...entry, attempt } as Entry)).toBe('written');
      timed.push(await value('holdfast.run.first_write.duration'));
    }
    expect(timed).toEqual(attempt === 1 ? [1, 1] : [0, 1, 1]);
  });
});
