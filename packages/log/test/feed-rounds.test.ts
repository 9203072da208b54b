import { describe, expect, it, vi } from 'vitest';
import { Poll } from '../src/feed/poll.ts';
import { type RoundMember, Rounds } from '../src/feed/rounds.ts';
import { ManualTimers } from './support/manual-timers.ts';

describe('a poll', () => {
  const polling = () => {
    const timers = new ManualTimers();
    const look = vi.fn();
    const poll = new Poll({ timers, rounds: new Rounds(timers, 1_000) }, { check: look });
    const head = (leftMs: number, leased: boolean) => {
      const run = { run: 'r', attempt: 1, info: '', kept: '', cancelled: false };
      const bounds = { epoch: 'E', top: '0-0', floor: '0-0', bytes: 0, checkpoint: '0-0' };
      return { ...bounds, runs: [{ ...run, leased, leftMs }] };
    };
    return { timers, look, poll, head };
  };

  it('looks every so often while it is on, and not at all otherwise', () => {
    const { timers, look, poll, head } = polling();
    expect(poll.failed()).toBe(false);
    poll.answered(head(10, true));
    timers.advance(5_000);
    expect(look).not.toHaveBeenCalled();
    poll.start();
    timers.advance(999);
    expect(look).not.toHaveBeenCalled();
    timers.advance(1);
    timers.advance(1_000);
    expect(look).toHaveBeenCalledTimes(2);
    poll.stop();
    timers.advance(5_000);
    expect(look).toHaveBeenCalledTimes(2);
    expect(look.mock.calls).toEqual([[true], [true]]);
  });

  it('looks sooner where a lease runs out before, and is not put off by one that goes on', () => {
    const { timers, look, poll, head } = polling();
    poll.start();
    poll.answered(head(100, true));
    timers.advance(109);
    expect(look).not.toHaveBeenCalled();
    timers.advance(1);
    expect(look).toHaveBeenCalledTimes(1);
    for (const [leftMs, leased] of [
      [60_000, true],
      [0, false],
    ] as const)
      poll.answered(head(leftMs, leased));
    poll.answered(null);
    timers.advance(1_000);
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('is not put off by a lease that runs out just when a look that began now would come', () => {
    const { timers, look, poll, head } = polling();
    poll.start();
    timers.advance(500);
    poll.answered(head(990, true));
    timers.advance(500);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('looks sooner where the log does not answer, later and later, until it does', () => {
    const { timers, look, poll } = polling();
    poll.start();
    for (const [at, ms] of [50, 100, 200, 400].entries()) {
      expect(poll.failed()).toBe(at === 0);
      timers.advance(ms - 1);
      expect(look).toHaveBeenCalledTimes(at);
      timers.advance(1);
      expect(look).toHaveBeenCalledTimes(at + 1);
    }
    poll.answered(null);
    expect(poll.failed()).toBe(true);
  });

  it('is deaf when two in a row found what was not delivered', () => {
    const { poll } = polling();
    expect([poll.isDeaf(), poll.isDeaf(), poll.isDeaf()]).toEqual([false, true, false]);
    poll.heard();
    expect([poll.isDeaf(), poll.isDeaf()]).toEqual([false, true]);
  });
});

describe('rounds', () => {
  const rounds = (count: number) => {
    const timers = new ManualTimers();
    const all = new Rounds(timers, 1_000);
    const looks: number[] = [];
    const join = (name: number) => {
      const member: RoundMember = { round: null, look: () => looks.push(name) };
      all.join(member);
      return () => all.leave(member);
    };
    const leave = Array.from({ length: count }, (_, name) => join(name));
    return { timers, looks, join, leave };
  };

  it('have one timer for a hundred, each of whom looks once in a round', () => {
    const { timers, looks } = rounds(250);
    expect(timers.pending).toBe(3);
    timers.advance(999);
    expect(looks).toEqual([]);
    for (const round of [1, 2]) {
      timers.advance(round === 1 ? 1 : 1_000);
      expect(looks.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 250 }, (_, name) => name),
      );
      looks.length = 0;
    }
  });

  it('take who comes later into the one that looked last, so that the first look is not put off', () => {
    const { timers, looks, join } = rounds(100);
    timers.advance(400);
    join(100);
    timers.advance(300);
    join(101);
    timers.advance(300);
    expect(looks).toHaveLength(100);
    join(102);
    timers.advance(400);
    expect(looks.slice(100)).toEqual([100, 101, 102]);
  });

  it('end with who leaves, and those that are left of many share one again', () => {
    const { timers, looks, leave } = rounds(300);
    for (const [name, each] of leave.entries()) if (name % 10 > 0) each();
    expect(timers.pending).toBe(3);
    timers.advance(1_000);
    timers.advance(1_000);
    expect(timers.pending).toBe(1);
    looks.length = 0;
    timers.advance(1_000);
    expect(looks).toHaveLength(30);
    for (const each of leave) each();
    expect(timers.pending).toBe(0);
    timers.advance(1_000);
    expect(looks).toHaveLength(30);
  });

  it.each([
    { left: 50, timers: 1 },
    { left: 51, timers: 2 },
  ])('share one where each is half empty or more: twice $left of a hundred', (expected) => {
    const { timers, looks, leave } = rounds(200);
    for (const [name, each] of leave.entries()) if (name % 100 >= expected.left) each();
    timers.advance(1_000);
    expect(timers.pending).toBe(expected.timers);
    looks.length = 0;
    timers.advance(1_000);
    expect(looks).toHaveLength(2 * expected.left);
  });

  it('do not have look who was sent away by another look', () => {
    const timers = new ManualTimers();
    const all = new Rounds(timers, 1_000);
    const looks: string[] = [];
    const second: RoundMember = { round: null, look: () => looks.push('second') };
    const first: RoundMember = {
      round: null,
      look: () => {
        looks.push('first');
        all.leave(second);
      },
    };
    for (const member of [first, second]) all.join(member);
    timers.advance(1_000);
    expect(looks).toEqual(['first']);
  });

  it('take each once, however often it joins or leaves', () => {
    const timers = new ManualTimers();
    const all = new Rounds(timers, 1_000);
    const look = vi.fn();
    const member: RoundMember = { round: null, look };
    for (let times = 0; times < 2; times++) all.join(member);
    timers.advance(1_000);
    expect(look).toHaveBeenCalledTimes(1);
    for (let times = 0; times < 2; times++) all.leave(member);
    expect(timers.pending).toBe(0);
  });
});
