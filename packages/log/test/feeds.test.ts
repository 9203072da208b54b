import { expect, it, vi } from 'vitest';
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

it('all who follow a session share one subscription and one feed', async () => {
  const { feeds, feed, tapped } = await feedFixture();
  const others = await Promise.all(Array.from({ length: 20 }, () => feeds.acquire(session)));
  for (const other of others) expect(other.feed).toBe(feed);
  expect(tapped.counts).toEqual({ subscriptions: 1, heads: 1, reads: 0 });
});

it('a feed outlives its last follower by lingerMs, and asks for nothing meanwhile', async () => {
  const { feeds, feed, release, tapped, timers } = await feedFixture();
  const second = await feeds.acquire(session);
  release();
  release();
  timers.advance(lingerMs);
  expect(tapped.counts.subscriptions).toBe(1);
  second.release();
  const { heads } = tapped.counts;
  timers.advance(lingerMs - 1);
  expect(tapped.counts).toMatchObject({ subscriptions: 1, heads });
  const third = await feeds.acquire(session);
  expect(third.feed).toBe(feed);
  third.release();
  timers.advance(lingerMs);
  expect(tapped.counts.subscriptions).toBe(0);
  expect(timers.pending).toBe(0);
  const fourth = await feeds.acquire(session);
  expect(fourth.feed).not.toBe(feed);
});

it('HF-RUN-12: a lease that no renewal has prolonged is looked at when it runs out', async () => {
  const { memory, tapped, timers } = await feedFixture();
  await memory.renew(session, { run: 'r1', attempt: 1, leaseMs: 2_000 });
  timers.advance(pollMs);
  await vi.waitFor(() => expect(timers.delays.at(-1)).toBeLessThan(2_100));
  const { heads } = tapped.counts;
  timers.advance(timers.delays.at(-1) ?? 0);
  await vi.waitFor(() => expect(tapped.counts.heads).toBe(heads + 1));
});

it('HF-LOG-14: a lease that was renewed costs no look of its own', async () => {
  const { memory, tapped, timers } = await feedFixture();
  await memory.renew(session, { run: 'r1', attempt: 1, leaseMs: pollMs + 1_000 });
  const { heads } = tapped.counts;
  for (let polls = 1; polls <= 3; polls++) {
    timers.advance(pollMs);
    await vi.waitFor(() => expect(tapped.counts.heads).toBe(heads + polls));
    await memory.renew(session, { run: 'r1', attempt: 1, leaseMs: pollMs + 1_000 });
  }
  expect(new Set(timers.delays)).toEqual(new Set([pollMs]));
});

it('HF-LOG-14: who follows again during lingerMs makes up for what was missed', async () => {
  const { feeds, release, tapped, told, write } = await feedFixture();
  release();
  tapped.tap = lose;
  await write(3);
  await feeds.acquire(session);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
});

it('HF-LOG-14: repairs that fail are not tried again while nobody follows', async () => {
  const { feeds, release, tapped, timers, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(1);
  tapped.tap = (delivery, pass) => pass(delivery);
  tapped.fault = away();
  await write(1);
  await vi.waitFor(() => expect(timers.delays).toContain(50));
  release();
  const { reads } = tapped.counts;
  timers.advance(lingerMs - 1);
  expect(tapped.counts.reads).toBe(reads);
  tapped.fault = null;
  await feeds.acquire(session);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
});

it('following fails when the log is away, for all who wait, and leaves nothing behind', async () => {
  const { feeds, release, tapped, timers } = await feedFixture();
  tapped.fault = away();
  const attempts = await Promise.allSettled([feeds.acquire('s2'), feeds.acquire('s2')]);
  for (const attempt of attempts)
    expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  tapped.fault = null;
  const second = await feeds.acquire('s2');
  second.release();
  release();
  timers.advance(lingerMs);
  expect(tapped.counts.subscriptions).toBe(0);
  expect(timers.pending).toBe(0);
});

it('a head that fails after the subscription ends the subscription', async () => {
  const { feeds, tapped } = await feedFixture();
  const subscribe = tapped.log.subscribe.bind(tapped.log);
  const spy = vi.spyOn(tapped.log, 'subscribe').mockImplementation(async (name, listener) => {
    const unsubscribe = await subscribe(name, listener);
    tapped.fault = away();
    return unsubscribe;
  });
  await expect(feeds.acquire('s2')).rejects.toMatchObject({ code: 'unavailable' });
  expect(tapped.counts.subscriptions).toBe(1);
  spy.mockRestore();
});

it('closing ends every feed, also one that is just being opened', async () => {
  const { feeds, tapped, timers } = await feedFixture();
  const opening = feeds.acquire('s2');
  await feeds.close();
  await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  await expect(feeds.acquire(session)).rejects.toMatchObject({ code: 'unavailable' });
  expect(tapped.counts.subscriptions).toBe(0);
  expect(timers.pending).toBe(0);
});

it('a listener that throws is reported and kept, and the others are called', async () => {
  const { feed, errors, told, write } = await feedFixture();
  const error = new Error('broken');
  let calls = 0;
  feed.listen({
    entries: () => {
      calls += 1;
      throw error;
    },
    reset: () => {},
    deleted: () => {},
    signal: () => {
      throw error;
    },
  });
  const after: string[] = [];
  feed.listen(teller(after));
  await write(2);
  await vi.waitFor(() => expect(after).toEqual(numbers(1, 2)));
  expect(told).toEqual(after);
  expect(calls).toBe(2);
  expect(errors).toEqual([error, error]);
});

it('who listens from within a delivery gets what is behind it; who stops gets no more', async () => {
  const { feed, write } = await feedFixture();
  const late: string[] = [];
  const stopped: string[] = [];
  const stopListening = feed.listen({
    ...teller([]),
    entries: () => {
      stopListening();
      stopStopped();
      feed.listen(teller(late));
    },
  });
  const stopStopped = feed.listen(teller(stopped));
  await write(3);
  await vi.waitFor(() => expect(late).toEqual(numbers(2, 3)));
  expect(stopped).toEqual([]);
});

it('HF-LOG-14: `check` compares now', async () => {
  const { feed, tapped, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(2);
  feed.check();
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
});

it('a poll that finds nothing changes nothing', async () => {
  const { feed, tapped, timers, told, write } = await feedFixture();
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(['1']));
  const { position } = feed;
  for (let round = 2; round <= 5; round++) {
    timers.advance(pollMs);
    await vi.waitFor(() => expect(tapped.counts.heads).toBe(round));
  }
  expect(feed.position).toEqual(position);
  expect(tapped.counts.reads).toBe(0);
  expect(told).toEqual(['1']);
});

it('HF-LOG-15: signals are heard at once, also while the log is read, and never once it is closed', async () => {
  const { feeds, feed, tapped, timers, told, write } = await feedFixture();
  const signal = (text: string) => tapped.deliver({ kind: 'signal', text });
  signal('live');
  expect(told).toEqual(['signal live']);
  const held = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => held.promise;
  tapped.tap = lose;
  await write(1);
  feed.check();
  tapped.tap = (delivery, pass) => pass(delivery);
  await write(1);
  await vi.waitFor(() => expect(tapped.counts.reads).toBe(1));
  signal('reading');
  expect(told).toEqual(['signal live', 'signal reading']);
  held.resolve();
  await vi.waitFor(() => expect(told.slice(2)).toEqual(numbers(1, 2)));
  tapped.tap = lose;
  await write(1);
  tapped.tap = (delivery, pass) => pass(delivery);
  tapped.fault = away();
  await write(1);
  await vi.waitFor(() => expect(timers.delays).toContain(50));
  signal('waiting');
  expect(told.at(-1)).toBe('signal waiting');
  tapped.fault = null;
  timers.advance(50);
  await vi.waitFor(() => expect(told.slice(5)).toEqual(numbers(3, 4)));
  await feeds.close();
  signal('closed');
  expect(told.at(-1)).toBe('4');
});
