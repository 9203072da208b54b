import { expect, it } from 'vitest';
import { Aftermath } from '../../src/runs/aftermath.ts';
import type { SessionHub } from '../../src/session/hub.ts';
import type { HubListener } from '../../src/session/hub-listener.ts';
import { turn } from '../support/background.ts';
import { manualTime } from '../support/manual-time.ts';

const forMs = 15_000;

/** What is kept of runs of a session that tells what a test likes; `mended` is what each look comes to. */
function keeping(mended: () => Promise<boolean> = async () => false) {
  const time = manualTime();
  const events: unknown[] = [];
  const listeners = new Set<HubListener>();
  const hub = {
    session: 's',
    listen: (listener: HubListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as SessionHub;
  const aftermath = new Aftermath({
    environment: time.environment,
    report: (error, where) => events.push([String(error), where]),
    onMended: (session) => events.push(`mended ${session}`),
  });
  const keep = (run: string, bytes = 1) => {
    const mend = () => {
      events.push(run);
      return mended();
    };
    aftermath.keep({ hub, run, tail: { bytes, mend }, forMs });
  };
  const tell = (what: 'reset' | 'deleted') => {
    for (const listener of [...listeners])
      if (what === 'reset') listener.reset('epoch');
      else listener.deleted();
  };
  const kept = () => [time.timers, listeners.size];
  return { aftermath, keep, time, events, tell, kept };
}

it('HF-RUN-11: what was written last of a run that has ended is looked at once more when its time is over, and then dropped', () => {
  const { keep, time, events, kept } = keeping();
  keep('r1');
  time.pass(1);
  keep('r2');
  expect(kept()).toEqual([2, 2]);
  time.pass(forMs - 2);
  expect(events).toEqual([]);
  time.pass(1);
  expect([events, kept()]).toEqual([['r1'], [1, 1]]);
  time.pass(1);
  expect([events, kept()]).toEqual([
    ['r1', 'r2'],
    [0, 0],
  ]);
});

it('HF-RUN-11: and each time that the log is not what was delivered; who follows the session is told what was mended', async () => {
  const answers = [true, false, true];
  const { aftermath, keep, events, tell, kept } = keeping(async () => answers.shift() ?? false);
  keep('r1');
  for (const told of [['r1', 'mended s'], ['r1'], ['r1']]) {
    tell('reset');
    // The last answer comes when all is closed.
    if (answers.length === 0) aftermath.close();
    await turn();
    expect(events.splice(0)).toEqual(told);
  }
  expect(kept()).toEqual([0, 0]);
});

it('tells whoever runs the server of a look that failed', async () => {
  const { keep, events, tell } = keeping(() => Promise.reject(new Error('the log is away')));
  keep('r1');
  tell('reset');
  await turn();
  expect(events).toEqual(['r1', ['Error: the log is away', { session: 's', run: 'r1' }]]);
});

it('keeps nothing of a session that was deleted, nor once all is closed', () => {
  const { aftermath, keep, time, events, tell, kept } = keeping();
  keep('r1');
  tell('deleted');
  expect(kept()).toEqual([0, 0]);
  keep('r2');
  aftermath.close();
  keep('r3');
  expect(kept()).toEqual([0, 0]);
  time.pass(forMs);
  expect(events).toEqual([]);
});

it('keeps 32 MiB at most, the oldest goes first, and what is dropped makes room', () => {
  const half = 16_777_216;
  const { keep, tell, events, kept } = keeping();
  const left = () => {
    tell('reset');
    return events.splice(0);
  };
  keep('r1', half);
  keep('r2', half);
  expect(left()).toEqual(['r1', 'r2']);
  keep('r3', 1);
  expect(left()).toEqual(['r2', 'r3']);
  keep('r4', half);
  expect(left()).toEqual(['r3', 'r4']);
  tell('deleted');
  keep('r5', half);
  keep('r6', half);
  expect(left()).toEqual(['r5', 'r6']);
  expect(kept()).toEqual([2, 2]);
});
