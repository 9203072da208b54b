import { createChatTransport, type Socket } from '@holdfast/client';
import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '../support/clock.ts';
import { cut, liveAt } from '../support/followed-session.ts';

/** A transport whose sockets never open. */
function transportOf() {
  class Unopened implements Socket {
    send(): void {}
    close(): void {}
    addEventListener(): void {}
  }
  const { environment } = manualClock();
  const transport = createChatTransport({ api: 'http://test', WebSocket: Unopened, environment });
  onTestFinished(() => transport.close());
  const open = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => transport.session(`s${from + at}`));
  return { transport, open };
}

test('a session is the same each time, up to 64 that nobody follows', () => {
  const { open } = transportOf();
  const first = open(0, 64);
  for (const [at, session] of open(0, 64).entries()) expect(session).toBe(first[at]);
});

test('beyond that the oldest is forgotten, one for each that is new', () => {
  const { open } = transportOf();
  const first = open(0, 64);
  open(64, 2);
  expect(open(2, 62).every((session, at) => session === first[at + 2])).toBe(true);
  // The younger first: to ask for the other one forgets one more.
  for (const at of [1, 0]) expect(open(at, 1)[0]).not.toBe(first[at]);
});

test('one that is followed is remembered, however old', () => {
  const { transport, open } = transportOf();
  const [held, idle] = open(0, 2);
  transport.hold('s0');
  open(2, 200);
  expect(transport.session('s0')).toBe(held);
  expect(transport.session('s1')).not.toBe(idle);
});

test('one that is forgotten is told of nothing any more', async () => {
  const set = await liveAt('5-1');
  const told: string[] = [];
  for (const id of ['old', 's1'])
    set.transport.session(id).subscribe(() => {
      if (!told.includes(id)) told.push(id);
    });
  for (let at = 0; at < 64; at++) set.transport.session(`n${at}`);
  await cut(set);
  expect(told).toEqual(['s1']);
});
