import { describe, expect, it, vi } from 'vitest';
import { firstDelayMs, nextDelayMs } from '../src/feed/backoff.ts';
import { agrees, isUnborn, unborn } from '../src/feed/compare.ts';
import { EarlyIds } from '../src/feed/early-ids.ts';
import { LogFeed } from '../src/feed/feed.ts';
import { HeadQuestion } from '../src/feed/head-question.ts';
import { Rounds } from '../src/feed/rounds.ts';
import { createFeeds } from '../src/index.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import {
  away,
  feedFixture,
  lose,
  numbers,
  pollMs,
  session,
  teller,
} from './support/feed-fixture.ts';
import { ManualTimers } from './support/manual-timers.ts';
import { TappedLog } from './support/tapped-log.ts';

describe('ids that were read early', () => {
  it('are each taken once, with those before it', () => {
    const early = new EarlyIds();
    for (const id of ['a', 'b', 'c']) early.add(id);
    expect(early.take('x')).toBe(false);
    expect(early.take('b')).toBe(true);
    expect(early.take('b')).toBe(false);
    expect(early.take('a')).toBe(false);
    expect(early.take('c')).toBe(true);
    expect(new EarlyIds('d').take('d')).toBe(true);
  });

  it('are the newest 1,024', () => {
    const filled = (count: number) => {
      const early = new EarlyIds();
      for (let at = 0; at < count; at++) early.add(`${at}`);
      return early;
    };
    expect(filled(1_024).take('0')).toBe(true);
    expect(filled(1_025).take('0')).toBe(false);
    expect(filled(1_025).take('1')).toBe(true);
    expect(filled(5_000).take('5000')).toBe(false);
    expect(filled(5_000).take('4999')).toBe(true);
  });
});

it('a question knows the ids at which the feed stood meanwhile, and whether it is to be asked again', () => {
  const question = new HeadQuestion('a');
  question.stoodAt([{ id: 'b' }, { id: 'c' }]);
  expect([...question.passed]).toEqual(['a', 'b', 'c']);
  expect(question.again).toBe(false);
  question.askAgain();
  expect(question.again).toBe(true);
});

it('of the ids at which a feed stands while it asks 4,096 are kept', () => {
  const question = new HeadQuestion('0');
  for (let at = 1; at < 5_000; at++) question.stoodAt([{ id: `${at}` }]);
  const { passed } = question;
  expect([passed.size, passed.has('4095')]).toEqual([4_096, true]);
});

it('delays double from 50 ms to a second', () => {
  const delays = [firstDelayMs];
  while (delays.length < 7) delays.push(nextDelayMs(delays.at(-1) ?? 0));
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
});

it('a listener that was added twice is called twice, and each time is taken back once', async () => {
  const { feed, told, write } = await feedFixture();
  const others: string[] = [];
  const listener = teller(others);
  const first = feed.listen(listener);
  feed.listen(listener);
  await write(1);
  await vi.waitFor(() => expect(others).toHaveLength(2));
  for (let times = 0; times < 2; times++) first();
  await write(1);
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(others).toHaveLength(3);
  for (let times = 0; times < 2; times++) feed.unlisten(listener);
  await write(1);
  await vi.waitFor(() => expect(told).toHaveLength(3));
  expect(others).toHaveLength(3);
});

it('HF-POS-5: a head agrees with a feed by epoch and id', () => {
  const head = { epoch: 'E', top: '7-1', floor: '0-0', bytes: 0, checkpoint: '0-0', runs: [] };
  const now = { epoch: 'E', id: '7-1' };
  const passed = new Set(['6-1', '7-1']);
  expect(agrees(head, passed, now)).toBe(true);
  expect(agrees({ ...head, top: '6-1' }, passed, now)).toBe(true);
  expect(agrees({ ...head, top: '7-2' }, passed, now)).toBe(false);
  expect(agrees({ ...head, epoch: 'F' }, passed, now)).toBe(false);
  expect(agrees(null, passed, now)).toBe(false);
  expect(agrees(null, passed, unborn)).toBe(true);
  expect(agrees(head, passed, unborn)).toBe(false);
  expect([isUnborn(unborn), isUnborn(now)]).toEqual([true, false]);
});

it('HF-LOG-14: a doubt that the log does not share changes nothing', async () => {
  const { tapped, told, write, feed, errors } = await feedFixture();
  await write(2);
  const { reads } = tapped.counts;
  // As Pub/Sub of a server that was cut off may say.
  tapped.deliver({ kind: 'entry', epoch: feed.position.epoch, prev: '8-8', id: '9-9', body: 'x' });
  await vi.waitFor(() => expect(tapped.counts.reads).toBe(reads + 1));
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
  expect(errors).toEqual([]);
});

it('HF-LOG-14: an outage is reported once, however often it is tried, and the next one again', async () => {
  const { tapped, timers, told, write, errors } = await feedFixture();
  for (const outage of [1, 2]) {
    tapped.tap = lose;
    await write(1);
    tapped.tap = (delivery, pass) => pass(delivery);
    tapped.fault = away();
    await write(1);
    for (const delay of [50, 100, 200]) {
      await vi.waitFor(() => expect(timers.delays.at(-1)).toBe(delay));
      expect(errors).toHaveLength(outage);
      if (delay < 200) timers.advance(delay);
    }
    tapped.fault = null;
    timers.advance(200);
    await vi.waitFor(() => expect(told).toEqual(numbers(1, 2 * outage)));
  }
});

it('HF-LOG-14: so is one that polls meet, which come sooner until it is over', async () => {
  const { tapped, timers, errors } = await feedFixture();
  tapped.fault = away();
  timers.advance(pollMs);
  for (const delay of [50, 100, 200]) {
    await vi.waitFor(() => expect(timers.delays.at(-1)).toBe(delay));
    timers.advance(delay);
  }
  await vi.waitFor(() => expect(timers.delays.at(-1)).toBe(400));
  expect(errors).toHaveLength(1);
  tapped.fault = null;
  const { heads } = tapped.counts;
  timers.advance(400);
  await vi.waitFor(() => expect(tapped.counts.heads).toBe(heads + 1));
  // The next one comes with the round again.
  expect(timers.pending).toBe(1);
});

it('HF-POS-5: a head of any moment since it was asked for is no reason to read', async () => {
  const { tapped, memory, told, write, feed } = await feedFixture();
  await write(1);
  const { reads } = tapped.counts;
  const ask = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let heads = 0;
  tapped.log.head = async (id) => {
    heads++;
    await ask.promise;
    const head = await memory.head(id);
    await answer.promise;
    return head;
  };
  let compared = 0;
  feed.listen({ ...teller([]), compared: () => compared++ });
  feed.check();
  await write(2);
  ask.resolve();
  await new Promise(setImmediate);
  await write(2);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 5)));
  answer.resolve();
  await vi.waitFor(() => expect(compared).toBe(1));
  expect(heads).toBe(1);
  expect(tapped.counts.reads).toBe(reads);
});

it('a feed that is closed twice ends its subscription once', async () => {
  const memory = new MemoryLog();
  const tapped = new TappedLog(memory);
  const feed = new LogFeed(session, {
    log: tapped.log,
    timers: new ManualTimers(),
    rounds: new Rounds(new ManualTimers(), pollMs),
    onError: () => {},
    onHead: () => {},
  });
  await feed.open();
  expect(tapped.counts.subscriptions).toBe(1);
  feed.close();
  feed.close();
  expect(tapped.counts.subscriptions).toBe(0);
});

it('a feed that could not be opened ends its subscription once', async () => {
  const memory = new MemoryLog();
  const tapped = new TappedLog(memory);
  const feeds = createFeeds(tapped.log, {
    limits: { pollMs, lingerMs: 0 },
    timers: new ManualTimers(),
    onError: () => {},
  });
  const gate = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => gate.promise;
  const opening = feeds.acquire(session);
  await vi.waitFor(() => expect(tapped.counts.subscriptions).toBe(1));
  const closed = feeds.close();
  gate.resolve();
  await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  await closed;
  await feeds.close();
  expect(tapped.counts.subscriptions).toBe(0);
});

it('HF-LOG-32: a session that is deleted before anything was read of it is followed all the same', async () => {
  const { memory, told, feed } = await feedFixture({ started: false });
  const others: string[] = [];
  feed.listen(teller(others));
  await memory.send(session, { command: 'a', entries: [{ nonce: 1, body: 'a' }] });
  await memory.delete(session);
  await memory.send(session, { command: 'b', entries: [{ nonce: 1, body: 'b' }] });
  await vi.waitFor(() => expect(told.at(-1)).toBe('b'));
  expect(others).toEqual(told);
});
