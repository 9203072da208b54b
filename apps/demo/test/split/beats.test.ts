import { describe, expect, it, test } from 'vitest';
import { type Act, type Beat, type Cue, captions, nextBeat } from '../../lib/split/beats.ts';
import { createDirector } from '../../lib/split/director.ts';
import { fakeClock } from './fake-clock.ts';

const cues: readonly Cue[] = ['connected', 'word', 'due', 'level', 'ended', 'touched'];

/** The next beat for each cue, in their order; '' where it stays. */
const table: { readonly [B in Beat]: readonly (Beat | '')[] } = {
  waiting: ['asking', '', '', '', '', 'yours'],
  asking: ['', 'writing', '', '', 'short', 'yours'],
  writing: ['', '', 'cut', '', 'short', 'yours'],
  cut: ['', '', 'mended', '', 'short', 'yours'],
  mended: ['', '', '', 'even', 'short', 'yours'],
  even: ['', '', 'reloaded', '', 'short', 'yours'],
  reloaded: ['', '', '', 'restored', 'short', 'yours'],
  restored: ['', '', 'stopping', '', 'short', 'yours'],
  stopping: ['', '', '', '', 'over', 'yours'],
  over: ['', '', '', '', '', 'yours'],
  short: ['', '', '', '', '', 'yours'],
  yours: ['', '', '', '', '', ''],
};

const beats = Object.keys(table) as Beat[];

describe.each(beats)('at the beat %s', (beat) => {
  test.each(cues.map((cue, at) => [cue, table[beat][at] || beat] as const))(
    '%s leads to %s',
    (cue, next) => {
      expect(nextBeat(beat, cue)).toBe(next);
    },
  );
});

it('each beat says something of its own', () => {
  expect(Object.keys(captions).toSorted()).toEqual(beats.toSorted());
  expect(new Set(Object.values(captions)).size).toBe(beats.length);
});

describe('a play', () => {
  function play() {
    const clock = fakeClock();
    const acts: Act[] = [];
    const told: Beat[] = [];
    const director = createDirector(clock, (act) => acts.push(act));
    director.subscribe(() => told.push(director.beat()));
    return { clock, acts, told, director };
  }

  it('does what its beats begin with, in their order, and at the times of the script', () => {
    const { clock, acts, told, director } = play();
    director.cue('connected');
    expect(acts).toEqual(['ask']);
    director.cue('word');
    clock.pass(1_999);
    expect(acts).toEqual(['ask']);
    clock.pass(1);
    expect(acts).toEqual(['ask', 'cut']);
    clock.pass(3_000);
    expect(acts).toEqual(['ask', 'cut', 'mend']);
    director.cue('level');
    clock.pass(1_200);
    director.cue('level');
    clock.pass(2_000);
    expect(acts).toEqual(['ask', 'cut', 'mend', 'reload', 'stop']);
    director.cue('ended');
    clock.pass(60_000);
    expect(told).toEqual([
      'asking',
      'writing',
      'cut',
      'mended',
      'even',
      'reloaded',
      'restored',
      'stopping',
      'over',
    ]);
    expect(clock.waiting()).toBe(0);
  });

  it('is over for good once the visitor has touched something', () => {
    const { clock, acts, director } = play();
    director.cue('connected');
    director.cue('word');
    director.cue('touched');
    clock.pass(60_000);
    for (const cue of cues) director.cue(cue);
    expect(director.beat()).toBe('yours');
    expect(acts).toEqual(['ask']);
    expect(clock.waiting()).toBe(0);
  });

  it('leaves no cable cut where the answer ends before it', () => {
    const { clock, acts, director } = play();
    director.cue('connected');
    director.cue('word');
    clock.pass(2_000);
    director.cue('ended');
    expect(director.beat()).toBe('short');
    expect(acts).toEqual(['ask', 'cut', 'mend']);
  });

  it('ends its timer when its page is left', () => {
    const { clock, acts, director } = play();
    director.cue('connected');
    director.cue('word');
    director.leave();
    clock.pass(60_000);
    expect(acts).toEqual(['ask']);
  });
});
