import { expect, it, vi } from 'vitest';
import type { Delivery } from '../src/index.ts';
import {
  type FeedFixture,
  feedFixture,
  lose,
  loseBody,
  numbers,
  pollMs,
} from './support/feed-fixture.ts';

/** Writes one entry, and waits until the poll has found it. */
async function foundByPoll({ timers, told, write }: FeedFixture): Promise<void> {
  const before = told.length;
  await write(1);
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toHaveLength(before + 1));
}

it('HF-LOG-34: when two polls in a row find what was not delivered, the log is told', async () => {
  const fixture = await feedFixture();
  const { tapped, timers, told } = fixture;
  tapped.tap = lose;
  await foundByPoll(fixture);
  const { heads } = tapped.counts;
  // One that finds nothing says nothing of deliveries.
  timers.advance(pollMs);
  await vi.waitFor(() => expect(tapped.counts.heads).toBe(heads + 1));
  expect(tapped.undelivered).toBe(0);
  await foundByPoll(fixture);
  expect(tapped.undelivered).toBe(1);
  await foundByPoll(fixture);
  expect(tapped.undelivered).toBe(1);
  await foundByPoll(fixture);
  expect(tapped.undelivered).toBe(2);
  expect(told).toEqual(numbers(1, 4));
});

it.each(['late', 'in time', 'without its body', 'gap'] as const)(
  'HF-LOG-34: it is not told where anything is delivered in between: %s',
  async (how) => {
    const fixture = await feedFixture();
    const { tapped, told, write } = fixture;
    const late: Delivery[] = [];
    tapped.tap = (delivery) => late.push(delivery);
    await foundByPoll(fixture);
    if (how === 'late') for (const delivery of late) tapped.deliver(delivery);
    else if (how === 'gap') tapped.deliver({ kind: 'gap' });
    else {
      tapped.tap = how === 'in time' ? (delivery, pass) => pass(delivery) : loseBody;
      await write(1);
    }
    const count = how === 'gap' || how === 'late' ? 1 : 2;
    await vi.waitFor(() => expect(told).toEqual(numbers(1, count)));
    tapped.tap = lose;
    await foundByPoll(fixture);
    expect(tapped.undelivered).toBe(0);
  },
);

it('HF-LOG-34: what another log delivers is none of this one', async () => {
  const fixture = await feedFixture();
  const { tapped, told } = fixture;
  tapped.tap = lose;
  await foundByPoll(fixture);
  const { reads } = tapped.counts;
  tapped.deliver({ kind: 'entry', epoch: 'other', prev: '7-7', id: '8-8', body: 'stray' });
  await vi.waitFor(() => expect(tapped.counts.reads).toBe(reads + 1));
  await foundByPoll(fixture);
  expect(tapped.undelivered).toBe(1);
  expect(told).toEqual(numbers(1, 2));
});
