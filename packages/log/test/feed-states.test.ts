import { describe, expect, it, vi } from 'vitest';
import { entry, sendOf } from '../src/conformance/kit.ts';
import { createFeeds, type Delivery } from '../src/index.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import {
  away,
  type FeedFixture,
  feedFixture,
  lose,
  numbers,
  pollMs,
  session,
  startOf,
  teller,
} from './support/feed-fixture.ts';
import { ManualTimers } from './support/manual-timers.ts';
import { TappedLog } from './support/tapped-log.ts';

/** A delivery that continues nothing. */
const stray: Delivery = { kind: 'entry', epoch: 'other', prev: '7-7', id: '8-8', body: 'stray' };

const pass = (delivery: Delivery, go: (delivery: Delivery) => void): void => go(delivery);

/** Lets what is ready to run do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Has the feed read, and its answer wait; the result lets it go on. */
async function reading({ tapped }: FeedFixture): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => held.promise;
  tapped.deliver(stray);
  await vi.waitFor(() => expect(tapped.counts.reads).toBe(1));
  tapped.beforeAnswer = async () => {};
  return held.resolve;
}

/** Has the feed wait for its next try. */
async function waiting({ tapped, timers }: FeedFixture): Promise<void> {
  tapped.fault = away();
  tapped.deliver(stray);
  await vi.waitFor(() => expect(timers.delays).toContain(50));
  tapped.fault = null;
}

/** A feed whose opening waits for the answer where the log stands. */
function opening() {
  const memory = new MemoryLog();
  const tapped = new TappedLog(memory);
  const timers = new ManualTimers();
  const feeds = createFeeds(tapped.log, { limits: { pollMs }, timers });
  const asked = Promise.withResolvers<void>();
  const { head } = tapped.log;
  tapped.log.head = async (name) => {
    await asked.promise;
    return await head(name);
  };
  return { memory, tapped, timers, feeds, answer: asked.resolve };
}

describe('HF-LOG-14: a gap', () => {
  it('that is told of while the feed opens is read behind it', async () => {
    const { memory, tapped, feeds, answer } = opening();
    await memory.send(session, startOf());
    const acquired = feeds.acquire(session);
    await vi.waitFor(() => expect(tapped.counts.subscriptions).toBe(1));
    tapped.deliver({ kind: 'gap' });
    answer();
    await acquired;
    await settled();
    expect(tapped.counts).toMatchObject({ heads: 1, reads: 1 });
  });

  it('that is told of during a read has it read once more, and asks for nothing else', async () => {
    const fixture = await feedFixture();
    const { tapped, told, write } = fixture;
    const goOn = await reading(fixture);
    tapped.tap = lose;
    await write(2);
    for (const _ of [1, 2]) tapped.deliver({ kind: 'gap' });
    goOn();
    await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
    await settled();
    expect(tapped.counts).toMatchObject({ heads: 1, reads: 2 });
  });

  it('that is told of before the next try is made up for by that try', async () => {
    const fixture = await feedFixture();
    const { tapped, timers, told, write } = fixture;
    await waiting(fixture);
    tapped.tap = lose;
    await write(2);
    tapped.deliver({ kind: 'gap' });
    timers.advance(50);
    await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
    await settled();
    expect(tapped.counts).toMatchObject({ heads: 1, reads: 2 });
  });

  it('that is told of behind the answer to a question has it asked once more', async () => {
    const { tapped, feed, told, write } = await feedFixture();
    const held = Promise.withResolvers<void>();
    tapped.beforeAnswer = () => held.promise;
    feed.check();
    await settled();
    tapped.tap = lose;
    await write(2);
    tapped.deliver({ kind: 'gap' });
    held.resolve();
    await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
  });
});

it('HF-LOG-14: an answer that comes while the log is read is no reason to read it again', async () => {
  const fixture = await feedFixture();
  const { tapped, told, write, feed } = fixture;
  const answer = Promise.withResolvers<void>();
  tapped.tap = lose;
  await write(2);
  tapped.beforeAnswer = () => answer.promise;
  feed.check();
  await settled();
  const goOn = await reading(fixture);
  answer.resolve();
  await settled();
  expect(tapped.counts).toMatchObject({ heads: 2, reads: 1 });
  goOn();
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
  await settled();
  expect(tapped.counts.reads).toBe(1);
});

it('HF-LOG-14: a read that fails once nobody follows is made by who follows next', async () => {
  const fixture = await feedFixture();
  const { tapped, timers, told, write, feeds, release } = fixture;
  const goOn = await reading(fixture);
  const { read } = tapped.log;
  goOn();
  release();
  await settled();
  tapped.log.read = () => Promise.reject(away());
  tapped.deliver(stray);
  await settled();
  expect(timers.delays).not.toContain(50);
  tapped.log.read = read;
  tapped.tap = lose;
  await write(1);
  await feeds.acquire(session);
  await vi.waitFor(() => expect(told).toEqual(['1']));
});

it.each([
  { count: 500, reads: 1 },
  { count: 501, reads: 2 },
])('$count entries that were not delivered take $reads reads', async ({ count, reads }) => {
  const { tapped, feed, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(count);
  feed.check();
  await vi.waitFor(() => expect(told).toEqual(numbers(1, count)));
  await settled();
  expect(tapped.counts.reads).toBe(reads);
});

it.each([
  { count: 256, reads: 1, batches: Array.from({ length: 256 }, () => 1) },
  { count: 257, reads: 2, batches: [257] },
])('of $count deliveries during a read all come, with $reads reads', async (expected) => {
  const fixture = await feedFixture();
  const { tapped, told, write, feed } = fixture;
  const batches: number[] = [];
  feed.listen({ ...teller([]), entries: ({ length }) => batches.push(length) });
  const goOn = await reading(fixture);
  await write(expected.count);
  goOn();
  await vi.waitFor(() => expect(told).toEqual(numbers(1, expected.count)));
  await settled();
  expect({ ...expected, reads: tapped.counts.reads, batches }).toEqual(expected);
});

describe('HF-LOG-32: a deletion', () => {
  it('while the feed opens leaves nothing of the session that was', async () => {
    const { memory, tapped, feeds, answer } = opening();
    const acquired = feeds.acquire(session);
    await vi.waitFor(() => expect(tapped.counts.subscriptions).toBe(1));
    await memory.send(session, startOf());
    await memory.delete(session);
    answer();
    const { feed } = await acquired;
    const told: string[] = [];
    feed.listen(teller(told));
    await settled();
    expect(feed.position).toEqual({ epoch: '', id: '0-0' });
    await memory.send(session, startOf());
    await vi.waitFor(() => expect(told).toEqual(['start']));
    expect(tapped.counts.reads).toBe(1);
  });

  it('during a read drops what was kept for behind it', async () => {
    const fixture = await feedFixture();
    const { memory, tapped, told, write } = fixture;
    const goOn = await reading(fixture);
    await write(1);
    await memory.delete(session);
    goOn();
    await settled();
    expect(told).toEqual(['deleted']);
    expect(tapped.counts.reads).toBe(2);
  });

  it('before the next try puts it off no longer', async () => {
    const fixture = await feedFixture();
    const { memory, tapped, timers, told } = fixture;
    await waiting(fixture);
    await memory.delete(session);
    await settled();
    expect([told, timers.pending, tapped.counts.reads]).toEqual([['deleted'], 1, 2]);
  });
});

describe('a session that holds no entry', () => {
  it('is followed without a reset, and compared without a read', async () => {
    const { memory, tapped, timers, told, feed } = await feedFixture({ started: false });
    await memory.send(session, { command: 'c0', entries: [] });
    timers.advance(pollMs);
    await vi.waitFor(() => expect(feed.position.epoch).not.toBe(''));
    const { reads } = tapped.counts;
    timers.advance(pollMs);
    await settled();
    expect([told, tapped.counts.reads, feed.position.id]).toEqual([[], reads, '0-0']);
    await memory.send(session, sendOf('c1', undefined, { entries: [entry('first')] }));
    await vi.waitFor(() => expect(told).toEqual(['first']));
  });

  it('HF-SUB-7: is reset where its first ones are gone already', async () => {
    const { memory, tapped, timers, told } = await feedFixture({ started: false });
    tapped.tap = lose;
    await memory.send(session, sendOf('c1', 'r1'));
    const state = memory.sessions.get(session);
    const [first] = state?.entries.splice(0, 1) ?? [];
    if (state && first) state.floor = first.id;
    timers.advance(pollMs);
    await vi.waitFor(() => expect(told).toEqual(['reset trimmed', 'start of r1']));
  });
});

it('HF-LOG-13: what another log says of the entry that was delivered last is not delivered', async () => {
  const { tapped, told, write, feed } = await feedFixture();
  await write(1);
  const prev = feed.position.id;
  tapped.deliver({ kind: 'entry', epoch: 'other', prev, id: '9-9', body: 'stray' });
  tapped.tap = pass;
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
  expect(tapped.counts.reads).toBe(1);
});

it('HF-LOG-13: what is delivered while the feed opens, and was seen there, is not read', async () => {
  const { memory, tapped, feeds, answer } = opening();
  await memory.send(session, sendOf('c1', 'r1'));
  const acquired = feeds.acquire(session);
  await vi.waitFor(() => expect(tapped.counts.subscriptions).toBe(1));
  const late: Delivery[] = [];
  tapped.tap = (delivery) => late.push(delivery);
  const append = { run: 'r1', attempt: 1, seq: 1, entry: entry('1') };
  await memory.append(session, append);
  answer();
  await acquired;
  for (const delivery of late) tapped.deliver(delivery);
  await settled();
  expect(late).toHaveLength(1);
  expect(tapped.counts).toMatchObject({ heads: 1, reads: 0 });
});
