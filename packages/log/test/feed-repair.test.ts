import { expect, it, vi } from 'vitest';
import type { Delivery } from '../src/index.ts';
import {
  away,
  feedFixture,
  lose,
  loseBody,
  numbers,
  pollMs,
  session,
  startOf,
} from './support/feed-fixture.ts';

it('HF-LOG-13: a reader that lacks the predecessor reads the log before it delivers further', async () => {
  const { tapped, told, write } = await feedFixture();
  await write(2);
  tapped.tap = lose;
  await write(3);
  tapped.tap = (delivery, pass) => pass(delivery);
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 6)));
  expect(tapped.counts.reads).toBe(1);
});

it('HF-LOG-13: as long as the chain holds, nothing is read', async () => {
  const { tapped, told, write } = await feedFixture();
  await write(50);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 50)));
  expect(tapped.counts).toEqual({ subscriptions: 1, heads: 1, reads: 0 });
});

it('HF-LOG-13: an entry that is delivered without its body is read', async () => {
  const { tapped, told, write } = await feedFixture();
  tapped.tap = loseBody;
  await write(3);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
});

it('HF-LOG-13: deliveries that come during a read follow it, each once', async () => {
  const { tapped, told, write } = await feedFixture();
  const held = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => held.promise;
  tapped.tap = lose;
  await write(2);
  tapped.tap = (delivery, pass) => pass(delivery);
  await write(300);
  held.resolve();
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 302)));
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 303)));
});

it('HF-LOG-13: deliveries of what was read already do not cause another read', async () => {
  const { tapped, told, write } = await feedFixture();
  const late: Delivery[] = [];
  tapped.tap = (delivery) => late.push(delivery);
  await write(10);
  tapped.tap = (delivery, pass) => pass(delivery);
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 11)));
  const { reads } = tapped.counts;
  for (const delivery of late) tapped.deliver(delivery);
  await write(1);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 12)));
  expect(tapped.counts.reads).toBe(reads);
});

it('F20, HF-LOG-14: when every delivery is lost, the poll repairs', async () => {
  const { tapped, timers, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(700);
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 700)));
  await write(2);
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 702)));
});

it('HF-LOG-14: a gap is made up for at once, with one comparison under way at a time', async () => {
  const { tapped, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(3);
  for (let count = 0; count < 20; count++) tapped.deliver({ kind: 'gap' });
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
  expect(tapped.counts.heads).toBeLessThanOrEqual(3);
});

it('HF-LOG-14: while the log is away, the feed tries again after 50 ms doubling to 1 s', async () => {
  const { tapped, timers, errors, told, write } = await feedFixture();
  tapped.tap = lose;
  tapped.fault = away();
  await write(2);
  timers.advance(pollMs);
  const delays = [50, 100, 200, 400, 800, 1_000, 1_000];
  for (const [at, delay] of delays.entries()) {
    await vi.waitFor(() => expect(timers.delays.filter((ms) => ms < pollMs)).toHaveLength(at + 1));
    timers.advance(delay);
  }
  const asked = (): number[] => timers.delays.filter((ms) => ms < pollMs);
  await vi.waitFor(() => expect(asked()).toEqual([...delays, 1_000]));
  expect(errors).toEqual([tapped.fault]);
  tapped.fault = null;
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
});

it('HF-LOG-14: a read that fails is tried again until the log is back', async () => {
  const { tapped, timers, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(1);
  tapped.tap = (delivery, pass) => pass(delivery);
  tapped.fault = away();
  await write(1);
  await vi.waitFor(() => expect(timers.delays).toContain(50));
  timers.advance(50);
  await vi.waitFor(() => expect(timers.delays).toContain(100));
  tapped.fault = null;
  await write(1);
  timers.advance(100);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
});

it('HF-SUB-7: a log that is shorter than what was delivered is reset, then followed from its top', async () => {
  const { tapped, timers, told, write, snapshot, feed, memory } = await feedFixture();
  await write(2);
  const restore = snapshot();
  await write(3);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 5)));
  restore();
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told.at(-1)).toBe('reset ahead'));
  expect(feed.position.id).toBe((await memory.head(session))?.top);
  await write(2);
  await vi.waitFor(() => expect(told).toEqual([...numbers(1, 5), 'reset ahead', '3', '4']));
  expect(tapped.counts.reads).toBe(1);
});

it('HF-SUB-7: an entry that does not continue what was delivered resets at once', async () => {
  const { told, write, snapshot } = await feedFixture();
  const restore = snapshot();
  await write(3);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
  restore();
  await write(1);
  await vi.waitFor(() => expect(told).toEqual([...numbers(1, 3), 'reset ahead']));
  await write(1);
  await vi.waitFor(() => expect(told.slice(3)).toEqual(['reset ahead', '2']));
});

it('HF-SUB-7: a log that has grown again over what was delivered is reset as diverged', async () => {
  const { tapped, timers, told, write, snapshot } = await feedFixture();
  const restore = snapshot();
  await write(3);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 3)));
  tapped.tap = lose;
  restore();
  await write(3);
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual([...numbers(1, 3), 'reset diverged']));
});

it('HF-SUB-7: a log that was lost is reset as another epoch, once', async () => {
  const { memory, timers, told, write, feed } = await feedFixture();
  await write(2);
  await vi.waitFor(() => expect(told).toEqual(numbers(1, 2)));
  memory.sessions.clear();
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told.slice(2)).toEqual(['reset epoch']));
  expect(feed.position).toEqual({ epoch: '', id: '0-0' });
  await memory.send(session, startOf());
  await vi.waitFor(() => expect(told.slice(2)).toEqual(['reset epoch', 'start']));
});

it('HF-SUB-7: a follower whose next entries were trimmed is reset', async () => {
  const { memory, tapped, timers, told, write } = await feedFixture();
  tapped.tap = lose;
  await write(4);
  const state = memory.sessions.get(session);
  const [, , third] = state?.entries.splice(0, 3) ?? [];
  if (state && third) state.floor = third.id;
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual(['reset trimmed']));
});

it('HF-LOG-32: what is read of a session that is deleted meanwhile is not delivered', async () => {
  const { memory, tapped, told, write } = await feedFixture();
  const held = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => held.promise;
  tapped.tap = lose;
  await write(1);
  tapped.tap = (delivery, pass) => pass(delivery);
  await write(1);
  await vi.waitFor(() => expect(tapped.counts.reads).toBe(1));
  await memory.delete(session);
  await vi.waitFor(() => expect(told).toEqual(['deleted']));
  held.resolve();
  await memory.send(session, startOf());
  await vi.waitFor(() => expect(told).toEqual(['deleted', 'start']));
});

it('HF-POS-5, F7: a top of the same number, whose entry was repeated behind another one, is a reset', async () => {
  const { memory, tapped, timers, told, feed, snapshot } = await feedFixture();
  const repeated = { run: 'r1', attempt: 1, seq: 1, entry: { nonce: 77, body: '1' } };
  const send = (command: string) =>
    memory.send(session, { command, entries: [{ nonce: command.length, body: command }] });
  const restore = snapshot();
  await send('lost');
  await memory.append(session, repeated);
  await vi.waitFor(() => expect(told).toEqual(['lost', '1']));
  const before = feed.position;
  restore();
  tapped.tap = lose;
  await send('other');
  await memory.append(session, repeated);
  timers.advance(pollMs);
  await vi.waitFor(() => expect(told).toEqual(['lost', '1', 'reset diverged']));
  expect(feed.position.epoch).toBe(before.epoch);
  expect(feed.position.id).toMatch(/^\d+-/);
  expect(Number.parseInt(feed.position.id, 10)).toBe(Number.parseInt(before.id, 10));
});

it('HF-POS-5: a head that lies among what was delivered since by its number alone is a reset', async () => {
  const { memory, tapped, timers, told, snapshot, write } = await feedFixture();
  const restore = snapshot();
  const late: Delivery[] = [];
  tapped.tap = (delivery) => late.push(delivery);
  await write(3);
  await vi.waitFor(() => expect(late).toHaveLength(3));
  restore();
  tapped.tap = lose;
  await memory.send(session, {
    command: 'x',
    entries: [1, 2].map((nonce) => ({ nonce, body: 'x' })),
  });
  const held = Promise.withResolvers<void>();
  tapped.beforeAnswer = () => held.promise;
  timers.advance(pollMs);
  for (const delivery of late) tapped.deliver(delivery);
  expect(told).toEqual(numbers(1, 3));
  held.resolve();
  await vi.waitFor(() => expect(told).toEqual([...numbers(1, 3), 'reset ahead']));
});
