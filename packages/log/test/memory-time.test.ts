// What ends in a log in memory ends when its time is over, to the millisecond.
import { expect, it } from 'vitest';
import { entry, sendOf } from '../src/conformance/kit.ts';
import { createMemoryLog } from '../src/index.ts';
import { maxClaims } from '../src/limits.ts';

const session = 's';

function timed() {
  const time = { now: 1_000 };
  const log = createMemoryLog({ now: () => time.now });
  const claim = (holder: string, leaseMs = 100, name = 'n') =>
    log.claim(session, { name, holder, leaseMs });
  return { time, log, claim };
}

it('HF-LOG-26: a claim, and what is told to be left of it', async () => {
  const { time, claim } = timed();
  const held = { kind: 'held' };
  expect(await claim('a')).toEqual(held);
  expect(await claim('b')).toEqual({ kind: 'taken', leftMs: 100 });
  time.now += 0.5;
  expect(await claim('b')).toEqual({ kind: 'taken', leftMs: 100 });
  time.now += 99.25;
  expect(await claim('b')).toEqual({ kind: 'taken', leftMs: 1 });
  time.now += 0.25;
  expect(await claim('b', 1)).toEqual(held);
  expect(await claim('a')).toEqual({ kind: 'taken', leftMs: 1 });
  // Who has it puts its end off, or gives it up.
  expect(await claim('b')).toEqual(held);
  time.now += 1;
  expect(await claim('a')).toEqual({ kind: 'taken', leftMs: 99 });
  expect(await claim('b', 0)).toEqual(held);
  expect(await claim('a')).toEqual(held);
});

it('HF-LOG-26: a session has 1,000 claims, and room again when some are over', async () => {
  const { time, claim } = timed();
  for (let at = 0; at < maxClaims; at++)
    expect(await claim('a', at === 0 ? 50 : 100, `n${at}`)).toEqual({ kind: 'held' });
  expect(await claim('a', 100, 'more')).toEqual({ kind: 'full' });
  expect(await claim('a', 100, 'n1')).toEqual({ kind: 'held' });
  time.now += 50;
  expect(await claim('a', 100, 'more')).toEqual({ kind: 'held' });
  expect(await claim('a', 100, 'one more')).toEqual({ kind: 'full' });
});

it('HF-LOG-27: a reminder, and its claim', async () => {
  const { time, log } = timed();
  await log.remind('queue', session, 100);
  time.now += 99;
  expect(await log.due('queue', 9, 50)).toEqual([]);
  time.now += 1;
  expect(await log.due('queue', 9, 50)).toMatchObject([{ session }]);
  time.now += 49;
  expect(await log.due('queue', 9, 50)).toEqual([]);
  time.now += 1;
  expect(await log.due('queue', 9, 50)).toMatchObject([{ session }]);
});

it('HF-LOG-22: a lease, and what is told to be left of it', async () => {
  const { time, log } = timed();
  await log.send(session, sendOf('c', 'r', { leaseMs: 100 }));
  const lease = async () => (await log.head(session))?.runs[0];
  time.now += 99.5;
  expect(await lease()).toMatchObject({ leased: true, leftMs: 1 });
  time.now += 0.5;
  expect(await lease()).toMatchObject({ leased: false, leftMs: 0 });
});

it('nothing is left of a session that is deleted', async () => {
  const { log, claim } = timed();
  expect(await log.delete(session)).toBe(false);
  await log.send(session, { command: 'c', entries: [entry('e')] });
  await claim('a');
  await log.remind('queue', session, 0);
  expect(await log.delete(session)).toBe(true);
  expect(await claim('b')).toEqual({ kind: 'held' });
  expect(await log.due('queue', 9, 50)).toEqual([]);
  expect(await log.delete(session)).toBe(false);
});

it('a log that is closed is unavailable, whatever it is asked', async () => {
  const { log, claim } = timed();
  const reminder = await log.remind('queue', session, 0);
  await log.close();
  for (const ask of [
    () => log.ready(),
    () => log.head(session),
    () => log.signal(session, 'x'),
    () => log.subscribe(session, () => {}),
    () => log.remind('queue', session, 0),
    () => log.due('queue', 9, 50),
    () => log.dismiss(reminder),
    () => claim('a'),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
});
