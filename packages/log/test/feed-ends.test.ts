import { describe, expect, it, vi } from 'vitest';
import { longMs, sendOf } from '../src/conformance/kit.ts';
import { systemTimers } from '../src/feed/timers.ts';
import { createFeeds, type Delivery } from '../src/index.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import {
  away,
  feedFixture,
  lingerMs,
  lose,
  numbers,
  pollMs,
  session,
  teller,
} from './support/feed-fixture.ts';
import { ManualTimers } from './support/manual-timers.ts';

const pass = (delivery: Delivery, go: (delivery: Delivery) => void): void => go(delivery);

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a feed that is closed', () => {
  it('while it waits for its next try makes none', async () => {
    const { feeds, tapped, timers, write } = await feedFixture();
    tapped.tap = lose;
    await write(1);
    tapped.tap = pass;
    tapped.fault = away();
    await write(1);
    await vi.waitFor(() => expect(timers.delays).toContain(50));
    const { reads } = tapped.counts;
    await feeds.close();
    timers.advance(lingerMs);
    expect([timers.pending, tapped.counts.reads]).toEqual([0, reads]);
  });

  it('does not report that what it asked failed', async () => {
    const { feeds, feed, tapped, errors } = await feedFixture();
    const held = Promise.withResolvers<never>();
    tapped.beforeAnswer = () => held.promise;
    feed.check();
    await settled();
    await feeds.close();
    held.reject(away());
    await settled();
    expect(errors).toEqual([]);
  });

  it('while it outlives its followers leaves no timer behind', async () => {
    const { feeds, release, timers } = await feedFixture();
    release();
    await feeds.close();
    expect(timers.pending).toBe(0);
  });

  it('and left only then leaves no timer behind either', async () => {
    const { feeds, release, timers } = await feedFixture();
    await feeds.close();
    release();
    expect(timers.pending).toBe(0);
  });

  // Each with what it would go on with.
  it.each([
    { event: 'entries', reads: 1 },
    { event: 'reset', reads: 1 },
    { event: 'deleted', reads: 0 },
  ] as const)(
    'by a listener that is told of $event tells and asks for nothing more',
    async ({ event, reads }) => {
      const { feeds, feed, memory, tapped, timers, write } = await feedFixture();
      const told: string[] = [];
      feed.listen({ ...teller([]), [event]: () => void feeds.close() });
      feed.listen(teller(told));
      if (event === 'deleted') await memory.delete(session);
      else {
        tapped.tap = lose;
        if (event === 'entries') await write(501);
        else memory.sessions.clear();
        timers.advance(pollMs);
      }
      await vi.waitFor(() => expect(tapped.counts.subscriptions).toBe(0));
      await settled();
      expect({ told, reads: tapped.counts.reads, timers: timers.pending }).toEqual({
        told: [],
        reads,
        timers: 0,
      });
    },
  );
});

it('who follows again keeps the feed beyond the time that it would have outlived the last one', async () => {
  const { feeds, release, tapped, timers } = await feedFixture();
  release();
  await feeds.acquire(session);
  timers.advance(lingerMs);
  expect(tapped.counts.subscriptions).toBe(1);
});

it('HF-LOG-14: outages that polls meet are each reported once, and begin with the shortest delay', async () => {
  const { tapped, timers, errors } = await feedFixture();
  for (const outage of [1, 2]) {
    tapped.fault = away();
    timers.advance(pollMs);
    for (const delay of [50, 100]) {
      await vi.waitFor(() => expect(timers.delays.at(-1)).toBe(delay));
      if (delay < 100) timers.advance(delay);
    }
    expect(errors).toHaveLength(outage);
    tapped.fault = null;
    const { heads } = tapped.counts;
    timers.advance(100);
    await vi.waitFor(() => expect(tapped.counts.heads).toBe(heads + 1));
    await settled();
  }
});

it('what the log says of a session is shown at its opening and at every comparison', async () => {
  const { feed, shown, write, memory } = await feedFixture();
  const top = async () => `${session} ${(await memory.head(session))?.top}`;
  const first = await top();
  expect(shown).toEqual([first]);
  await write(1);
  feed.check();
  await settled();
  expect(shown).toEqual([first, await top()]);
});

it('HF-RUN-12: a lease that a feed finds when it opens is looked at when it runs out', async () => {
  const log = new MemoryLog();
  const timers = new ManualTimers();
  const feeds = createFeeds(log, { limits: { pollMs: longMs }, timers });
  await log.send(session, sendOf('c1', 'r1', { leaseMs: 2_000 }));
  await feeds.acquire(session);
  expect(timers.delays.at(-1)).toBeLessThanOrEqual(2_010);
  // The other one is that of the poll.
  expect(timers.pending).toBe(2);
  await feeds.close();
  expect(timers.pending).toBe(0);
});

describe('HF-SUB-7: what was read before its delivery came is known no longer', () => {
  const send = (log: MemoryLog, nonce: number) =>
    log.send(session, { command: `n${nonce}`, entries: [{ nonce, body: `${nonce}` }] });

  it('behind what was delivered since: it comes again only from a log that lost its tail', async () => {
    const { memory, tapped, told, feed, snapshot } = await feedFixture();
    const restore = snapshot();
    tapped.tap = lose;
    await send(memory, 11);
    feed.check();
    await vi.waitFor(() => expect(told).toEqual(['11']));
    tapped.tap = pass;
    await send(memory, 12);
    expect(told).toEqual(['11', '12']);
    restore();
    await send(memory, 11);
    await vi.waitFor(() => expect(told).toEqual(['11', '12', 'reset ahead']));
  });

  it('behind a reset: it is an entry like any other, and misses what is before it', async () => {
    const { memory, tapped, timers, told, snapshot } = await feedFixture();
    const restore = snapshot();
    tapped.tap = lose;
    await send(memory, 11);
    await send(memory, 12);
    timers.advance(pollMs);
    await vi.waitFor(() => expect(told).toEqual(['11', '12']));
    restore();
    timers.advance(pollMs);
    await vi.waitFor(() => expect(told).toEqual(['11', '12', 'reset ahead']));
    await send(memory, 11);
    tapped.tap = pass;
    await send(memory, 12);
    await vi.waitFor(() => expect(told.slice(3)).toEqual(['11', '12']));
  });
});

it('HF-POS-5: a head of where a reset has led is no reason to read', async () => {
  const { memory, tapped, told, feed, write, snapshot } = await feedFixture();
  const restore = snapshot();
  await write(3);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
  const asked = Promise.withResolvers<void>();
  tapped.log.head = async (name) => {
    await asked.promise;
    return await memory.head(name);
  };
  feed.check();
  restore();
  await write(1);
  await vi.waitFor(() => expect(told.at(-1)).toBe('reset ahead'));
  let compared = 0;
  feed.listen({ ...teller([]), compared: () => compared++ });
  asked.resolve();
  await vi.waitFor(() => expect(compared).toBe(1));
  expect(tapped.counts.reads).toBe(1);
});

describe('timers of the system', () => {
  const later = () => new Promise<void>((resolve) => systemTimers.after(1, resolve));

  it('call back once, and not once they are cancelled', async () => {
    const called: string[] = [];
    const cancel = systemTimers.after(1, () => called.push('cancelled'));
    systemTimers.after(1, () => called.push('kept'));
    cancel();
    // Those of the same length come in their order.
    await later();
    expect(called).toEqual(['kept']);
    cancel();
  });

  it('do not keep the process alive', () => {
    const holding = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = holding().length;
    const cancel = systemTimers.after(longMs, () => {});
    expect(holding()).toHaveLength(before);
    cancel();
  });
});
