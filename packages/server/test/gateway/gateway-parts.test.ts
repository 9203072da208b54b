import { PassThrough } from 'node:stream';
import type { SnapshotFrame } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../../src/environment.ts';
import { Lobby } from '../../src/gateway/lobby.ts';
import { Outlet } from '../../src/gateway/outlet.ts';
import { snapshotFrames } from '../../src/gateway/snapshot-frames.ts';
import { Window } from '../../src/gateway/window.ts';
import { userMessage } from '../support/server.ts';

describe('HF-FLOW-1, HF-FLOW-2: the window of a subscription', () => {
  it('is open while less than it is not acknowledged', () => {
    const window = new Window(100);
    window.sent(1, 99);
    expect(window.open).toBe(true);
    window.sent(2, 1);
    expect(window.open).toBe(false);
    expect(window.acked('2-x')).toBe(true);
    expect(window.open).toBe(true);
    expect(window.acked('2-x')).toBe(false);
    expect(window.acked('1-x')).toBe(false);
  });

  it('takes an acknowledgement of what was never sent as one of all that was', () => {
    const window = new Window(100);
    window.sent(1, 100);
    expect(window.acked('9-x')).toBe(true);
    expect(window.open).toBe(true);
    // Said again it is nothing new.
    expect(window.acked('9-x')).toBe(false);
    // It is no credit for what comes.
    window.sent(2, 100);
    expect(window.open).toBe(false);
    expect(window.acked('2-x')).toBe(true);
  });

  it('matches in grains of 8 KiB', () => {
    const window = new Window(20_000);
    for (let seq = 1; seq <= 20; seq++) window.sent(seq, 1_000);
    expect(window.open).toBe(false);
    // The eighth is within the first grain, which ends with the ninth.
    expect(window.acked('8-x')).toBe(true);
    expect(window.open).toBe(false);
    expect(window.acked('9-x')).toBe(true);
    expect(window.open).toBe(true);
    window.sent(21, 8_999);
    expect(window.open).toBe(true);
    window.sent(22, 1);
    expect(window.open).toBe(false);
    window.acked('18-x');
    window.sent(23, 8_999);
    expect(window.open).toBe(true);
    window.sent(24, 1);
    expect(window.open).toBe(false);
  });

  it('ends a grain with the byte that fills it', () => {
    const window = new Window(8_193);
    for (const seq of [1, 2, 3]) window.sent(seq, 4_096);
    expect(window.open).toBe(false);
    window.acked('2-x');
    expect(window.open).toBe(true);
  });

  it('counts a snapshot under the entry that it goes through, also one that leads back', () => {
    const window = new Window(100);
    window.sent(9, 50);
    window.acked('9-x');
    window.sent(5, 60);
    expect(window.acked('4-x')).toBe(false);
    window.sent(5, 60);
    expect(window.open).toBe(false);
    expect(window.acked('5-x')).toBe(true);
    expect(window.open).toBe(true);
    // The next part of it.
    window.sent(5, 100);
    expect(window.acked('5-x')).toBe(true);
    expect(window.open).toBe(true);
  });
});

describe('HF-FLOW-6: all that goes out of one socket', () => {
  const limits = { windowBytes: 100, socketBytes: 200 };
  function outlet() {
    const sent: unknown[] = [];
    const socket = { bufferedAmount: 0, send: (data: unknown) => sent.push(data) };
    let full = 0;
    const made = new Outlet(socket as never, limits, { overflowed: () => full++ });
    return { outlet: made, socket, sent, fullness: () => full };
  }

  it('is congested when more than the window waits', () => {
    const { outlet: made, socket } = outlet();
    socket.bufferedAmount = 100;
    expect(made.isCongested).toBe(false);
    socket.bufferedAmount = 101;
    expect(made.isCongested).toBe(true);
  });

  it('is as much as may wait, and the largest frame of what waits', () => {
    const { outlet: made, socket, sent, fullness } = outlet();
    made.send('x'.repeat(500));
    socket.bufferedAmount = 700;
    made.send('small');
    expect([sent.length, fullness()]).toEqual([2, 0]);
    socket.bufferedAmount = 701;
    made.send('small');
    expect([sent.length, fullness()]).toEqual([2, 1]);
    // Once the network has taken it, it counts no more.
    socket.bufferedAmount = 100;
    made.send([Buffer.from('ab'), Buffer.from('abc')]);
    socket.bufferedAmount = 203;
    made.send(Buffer.from('a'));
    expect([sent.length, fullness()]).toEqual([4, 1]);
    socket.bufferedAmount = 204;
    made.send('a');
    expect([sent.length, fullness()]).toEqual([4, 2]);
  });

  it('lets one at a time make something large, also behind one that fails', async () => {
    const { outlet: made } = outlet();
    const told: string[] = [];
    const act = (name: string, fails = false) =>
      made.inTurn(async () => {
        told.push(`begin ${name}`);
        await new Promise(setImmediate);
        told.push(`end ${name}`);
        if (fails) throw new Error(name);
      });
    const failed = act('a', true).catch(({ message }: Error) => told.push(`failed ${message}`));
    const done = act('b');
    await Promise.all([failed, done]);
    expect(told).toEqual(['begin a', 'end a', 'failed a', 'begin b', 'end b']);
  });
});

describe('HF-CONN-8: sockets that are no connections', () => {
  function lobby(places = 2) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    return new Lobby(places, systemEnvironment);
  }

  it('are gone after their time, unless they were settled', async () => {
    const made = lobby();
    const gone = new PassThrough();
    const settled = new PassThrough();
    made.hold(gone, 2_000);
    made.hold(settled, 2_000, () => true);
    expect([made.size, made.full]).toEqual([2, true]);
    await vi.advanceTimersByTimeAsync(1_999);
    expect([gone.destroyed, settled.destroyed, made.size]).toEqual([false, false, 2]);
    await vi.advanceTimersByTimeAsync(1);
    expect([gone.destroyed, settled.destroyed, made.size]).toEqual([true, false, 0]);
    expect(made.full).toBe(false);
    expect(settled.listenerCount('close')).toBe(0);
  });

  it('count no more when they are gone before, or are connections then', async () => {
    const made = lobby();
    const closed = new PassThrough();
    const opened = new PassThrough();
    made.hold(closed, 2_000);
    const leave = made.hold(opened, 2_000);
    const isClosed = new Promise((resolve) => closed.once('close', resolve));
    closed.destroy();
    await isClosed;
    expect(made.size).toBe(1);
    leave();
    expect(made.size).toBe(0);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(opened.destroyed).toBe(false);
    expect(opened.listenerCount('close')).toBe(0);
  });
});

describe('the frames of a snapshot', () => {
  const snapshot = {
    position: { epoch: 'E', id: '9-1' },
    items: [] as { id: string; message: ReturnType<typeof userMessage> }[],
    runs: [],
    queue: [],
    operator: null,
    before: null,
    present: { who: [], count: 0 },
  };
  const framesOf = (more: Partial<typeof snapshot> | object) =>
    [...snapshotFrames('s', { ...snapshot, ...more })].map(
      (text) => JSON.parse(text) as SnapshotFrame,
    );
  const item = (id: string, size: number) => ({ id, message: userMessage(id, 'x'.repeat(size)) });
  const head = { t: 'snap', s: 's', epoch: 'E', through: '9-1' };

  it('are one where nothing is there', () => {
    expect(framesOf({})).toEqual([{ ...head, items: [], runs: [], more: false }]);
  });

  it('say at the end what else there is', () => {
    const queue = [{ id: 'c', messages: [], at: 0 }];
    const operator = { id: 'o', role: 'operator' };
    const who = [{ id: 'u', role: 'user', state: 'here' }];
    const rest = { before: 'cursor', queue, operator };
    expect(framesOf({ ...rest, present: { who, count: 3 } })).toEqual([
      { ...head, items: [], runs: [], ...rest, who, count: 3, more: false },
    ]);
    // Where all are named they need not be counted.
    expect(framesOf({ present: { who, count: 1 } })[0]).not.toHaveProperty('count');
  });

  it('hold whole items, so many as fit into 64 KiB, or a single larger one', () => {
    const items = [item('a', 30_000), item('b', 30_000), item('c', 10_000), item('d', 200_000)];
    const frames = framesOf({ items: [...items, item('e', 1)] });
    expect(frames.map((frame) => frame.items.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['c'],
      ['d'],
      ['e'],
    ]);
    expect(frames.map(({ more }) => more)).toEqual([true, true, true, false]);
    expect(frames.flatMap((frame) => frame.items)).toEqual([...items, item('e', 1)]);
    expect(frames.slice(0, -1).every((frame) => !('runs' in frame))).toBe(true);
  });

  it('are filled to the last byte', () => {
    const overhead = JSON.stringify(item('a', 0)).length;
    const half = (65_536 - 2 * overhead) / 2;
    expect(framesOf({ items: [item('a', half), item('b', half)] })).toHaveLength(1);
    expect(framesOf({ items: [item('a', half), item('b', half + 1)] })).toHaveLength(2);
    // And so is each one behind the first.
    const items = [item('x', 65_000), item('a', half), item('b', half)];
    expect(framesOf({ items })).toHaveLength(2);
  });
});
