import type { PresenceFrame } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import type { SessionPresence } from '../../src/session/presence.ts';
import { saidText } from '../../src/session/presence-signals.ts';
import { ada, bob, presenceOf } from '../support/present.ts';

const quietMs = 1_000;
const crowd = 20;

describe('HF-PRES-4: what a participant says', () => {
  it('is shown at once where a second has passed, and else with the tick of it', () => {
    for (const begin of [0, 5_000])
      for (const [at, isShown] of [
        [quietMs - 1, false],
        [quietMs, true],
      ] as const) {
        const { presence, who, at: goTo, tickAt } = presenceOf();
        const tab = {};
        goTo(begin);
        presence.set(tab, ada, 'here');
        goTo(begin + at);
        presence.set(tab, ada, 'typing');
        expect(who()).toBe(isShown ? 'ada typing' : 'ada here');
        tickAt(begin + quietMs - 1);
        expect(who()).toBe(isShown ? 'ada typing' : 'ada here');
        tickAt(begin + quietMs);
        expect(who()).toBe('ada typing');
      }
  });

  it('is taken back by what is said next, before it was shown', () => {
    const { presence, who, tickAt, told } = presenceOf();
    const tab = {};
    presence.set(tab, ada, 'typing');
    presence.set(tab, ada, 'here');
    presence.set(tab, ada, 'typing');
    tickAt(2_000);
    expect(who()).toBe('ada typing');
    expect(told()).toEqual(['ada typing']);
  });

  it('may be that they go, also too soon, and is then as if they had left', () => {
    const { presence, who, tickAt, told } = presenceOf();
    const tab = {};
    presence.set(tab, ada, 'here');
    presence.set(tab, ada, 'away');
    expect(who()).toBe('ada here');
    tickAt(quietMs);
    expect([who(), presence.present.count]).toEqual(['', 0]);
    presence.leave(tab);
    presence.leave({});
    expect(told()).toEqual(['ada here', '']);
  });

  it('is told to other hubs at once where nothing was for a second, and else with the tick', () => {
    const { presence, signals, at, tickAt } = presenceOf();
    presence.set({}, ada, 'here');
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
    tickAt(0);
    signals();
    at(quietMs - 1);
    const tab = {};
    presence.set(tab, bob, 'here');
    expect(signals()).toEqual([]);
    tickAt(quietMs);
    expect(signals()).toMatchObject([{ who: [{ id: 'bob' }] }]);
    expect(signals()).toEqual([]);
    at(2 * quietMs);
    presence.leave(tab);
    expect(signals()).toMatchObject([{ gone: ['bob'] }]);
  });
});

it('HF-PRES-3: who types falls back when that was said for long enough, and not before', () => {
  const { presence, who, tickAt, at } = presenceOf();
  const tab = {};
  presence.set(tab, ada, 'typing');
  tickAt(5_999);
  expect(who()).toBe('ada typing');
  at(5_999);
  presence.set(tab, ada, 'typing');
  tickAt(11_998);
  expect(who()).toBe('ada typing');
  tickAt(11_999);
  expect(who()).toBe('ada here');
  // And may type again.
  at(20_000);
  presence.set(tab, ada, 'typing');
  expect(who()).toBe('ada typing');
  tickAt(26_000);
  expect(who()).toBe('ada here');
});

it('HF-PRES-3: who leaves while they type stays away, and is as quick as others when they are back', () => {
  const { presence, who, tickAt, at } = presenceOf();
  const tab = {};
  presence.set(tab, ada, 'typing');
  presence.leave(tab);
  tickAt(7_000);
  expect(who()).toBe('');
  presence.set(tab, ada, 'typing');
  at(8_000);
  presence.set(tab, ada, 'here');
  for (let now = 9_000; now <= 20_000; now += 1_000) tickAt(now);
  expect(who()).toBe('ada here');
  presence.set(tab, ada, 'typing');
  expect(who()).toBe('ada typing');
});

describe('HF-PRES-2: a hub', () => {
  it('tells all of it now and then to one that it has heard, and what has changed in between', () => {
    const { presence, signals, tickAt, hear } = presenceOf();
    presence.set({}, ada, 'here');
    hear({});
    tickAt(1_000);
    // All was never told.
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }, { who: [{ id: 'ada' }] }]);
    presence.set({}, bob, 'here');
    tickAt(2_000);
    expect(signals()).toMatchObject([{ who: [{ id: 'bob' }] }]);
    tickAt(4_999);
    expect(signals()).toEqual([]);
    tickAt(5_000);
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }, { id: 'bob' }] }]);
  });

  it('says nothing of itself while nobody is there, and answers who asks only where somebody is', () => {
    const { presence, signals, tickAt, hear } = presenceOf();
    for (const at of [0, 60_000]) tickAt(at);
    hear({ ask: true });
    expect(signals()).toEqual([]);
    // What was not said keeps nobody from being told of at once.
    presence.set({}, ada, 'here');
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
    hear({});
    expect(signals()).toEqual([]);
    hear({ ask: true });
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
  });

  it('says at its end who is gone, and tells nobody any more', () => {
    const { presence, signals, told, hear } = presenceOf();
    presence.set({}, ada, 'here');
    presence.greet();
    signals();
    told();
    presence.close();
    expect(signals()).toMatchObject([{ gone: ['ada'] }]);
    hear({ who: [{ ...bob, state: 'here' }] });
    expect(told()).toEqual([]);
  });
});

it('HF-PRES-2: who is the first to come is told of at once, however much time has passed with nobody', () => {
  const { presence, signals, tickAt } = presenceOf();
  tickAt(60_000);
  presence.set({}, ada, 'here');
  expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
});

describe('HF-PRES-3: those of another hub', () => {
  const said = (id: string, state: PresenceFrame['state'] = 'here') => ({
    id,
    role: 'user',
    state,
  });

  it('are forgotten in the order in which they fell silent, not in that in which they came', () => {
    const { hear, who, tickAt, at } = presenceOf();
    hear({ who: [said('a')] }, 'one');
    hear({ who: [said('b')] }, 'two');
    at(5_000);
    hear({ who: [said('a')] }, 'one');
    tickAt(13_000);
    expect(who()).toBe('a here');
    tickAt(18_000);
    expect(who()).toBe('');
  });

  it('are there until they are told to be gone, or are told of no more', () => {
    const { hear, who, tickAt, at } = presenceOf();
    hear({ who: [said('a'), said('b'), said('c')] });
    hear({ gone: ['b', 'x', 7] });
    expect(who()).toBe('a here, c here');
    at(5_000);
    hear({ who: [said('c')] });
    tickAt(12_999);
    expect(who()).toBe('a here, c here');
    tickAt(13_000);
    expect(who()).toBe('c here');
    tickAt(17_999);
    expect(who()).toBe('c here');
    tickAt(18_000);
    expect(who()).toBe('');
    hear({ who: [said('a')] });
    hear({ gone: ['a'] });
    expect(who()).toBe('');
    at(40_000);
    hear({ who: [said('d')] });
    tickAt(52_999);
    expect(who()).toBe('d here');
    tickAt(53_000);
    expect(who()).toBe('');
  });

  it('are others than those of the same name elsewhere', () => {
    const { presence, hear, who } = presenceOf();
    const tab = {};
    presence.set(tab, ada, 'here');
    hear({ who: [said('ada', 'typing')] }, 'x');
    hear({ who: [said('ada')] }, 'y');
    expect(who()).toBe('ada typing');
    hear({ gone: ['ada'] }, 'x');
    expect(who()).toBe('ada here');
    presence.leave(tab);
    expect(who()).toBe('ada here');
    hear({ gone: ['ada'] }, 'y');
    expect(who()).toBe('');
  });
});

it('HF-PRES-5: with more participants than twenty, followers are told with the tick', () => {
  const { presence, told, tickAt } = presenceOf();
  for (let at = 1; at <= crowd; at++) presence.set({}, { id: `u${at}`, role: 'user' }, 'here');
  expect(told()).toHaveLength(crowd);
  const [one, more] = [{}, {}];
  presence.set(one, { id: 'one', role: 'user' }, 'here');
  presence.set(more, { id: 'more', role: 'user' }, 'here');
  expect(told()).toEqual([]);
  tickAt(1_000);
  expect(told()).toHaveLength(1);
  presence.leave(one);
  expect(told()).toEqual([]);
  presence.leave(more);
  expect(told()).toHaveLength(1);
  tickAt(2_000);
  expect(told()).toEqual([]);
});

describe('HF-EVT-7: a request speaks', () => {
  const say = (presence: SessionPresence, state: PresenceFrame['state'], by = 'ada') =>
    presence.receive(saidText({ conn: 'c', by, state }));

  it('for the subscription of its connection, and no other participant does', () => {
    const { presence, who } = presenceOf();
    presence.address('c', { key: {}, participant: ada });
    say(presence, 'here', 'bob');
    expect(who()).toBe('');
    say(presence, 'here');
    expect(who()).toBe('ada here');
  });

  it.each(['leave', 'leaveSoon'] as const)(
    'not once that went by %s, before it was there',
    (go) => {
      const { presence, who } = presenceOf();
      const key = {};
      presence.address('c', { key, participant: ada });
      presence[go](key);
      say(presence, 'here');
      expect([who(), presence.hasStandIns]).toEqual(['', false]);
    },
  );

  it('not once another one stands in its place, nor when its time is over', () => {
    const { presence, who, tickAt, at } = presenceOf();
    const [cut, back] = [{}, {}];
    presence.address('c', { key: cut, participant: ada });
    say(presence, 'here');
    presence.leaveSoon(cut);
    expect([who(), presence.hasStandIns]).toEqual(['ada here', true]);
    presence.set(back, ada, 'here');
    expect([who(), presence.hasStandIns]).toEqual(['ada here', false]);
    at(10_000);
    say(presence, 'typing');
    expect(who()).toBe('ada here');
    presence.leaveSoon(back);
    tickAt(14_999);
    expect(who()).toBe('ada here');
    tickAt(15_000);
    expect([who(), presence.hasStandIns]).toEqual(['', false]);
  });

  it('and who is cut off twice leaves once', () => {
    const { presence, who, tickAt, at } = presenceOf();
    const [first, second] = [{}, {}];
    presence.set(first, ada, 'here');
    presence.set(second, ada, 'here');
    presence.leaveSoon(first);
    at(2_000);
    presence.leaveSoon(second);
    tickAt(5_000);
    expect(who()).toBe('ada here');
    presence.close();
    expect(who()).toBe('ada here');
    tickAt(7_000);
    expect(who()).toBe('');
  });
});
