import type { Presence } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { Roster } from '../../src/session/roster.ts';

const who = (id: string, more: Partial<Presence> = {}): Presence => ({
  id,
  role: 'user',
  state: 'here',
  ...more,
});
const idsOf = (roster: Roster) => roster.present.who.map(({ id }) => id);

it('nobody is there at first', () => {
  const roster = new Roster(9);
  expect(roster.present).toEqual({ who: [], count: 0 });
  expect(roster.present).toBe(roster.present);
});

describe('HF-PRES-1: a participant counts once', () => {
  it('however many speak for them, and is gone with the last', () => {
    const roster = new Roster(9);
    expect(roster.set('tab 1', who('b'))).toBe(true);
    expect(roster.set('tab 2', who('b'))).toBe(false);
    expect(roster.set('tab 3', who('a'))).toBe(true);
    expect(roster.set('tab 4', who('c'))).toBe(true);
    expect(idsOf(roster)).toEqual(['a', 'b', 'c']);
    expect(roster.present.count).toBe(3);
    expect(roster.delete('tab 1')).toBe(false);
    expect(roster.delete('tab 2')).toBe(true);
    expect(roster.delete('tab 2')).toBe(false);
    expect(roster.delete('unknown')).toBe(false);
    expect(idsOf(roster)).toEqual(['a', 'c']);
    expect(roster.present.count).toBe(2);
  });

  it('types when one of them does', () => {
    const roster = new Roster(9);
    roster.set('tab 1', who('a'));
    expect(roster.set('tab 2', who('a', { state: 'typing' }))).toBe(true);
    expect(roster.set('tab 3', who('a'))).toBe(false);
    expect(roster.present.who).toEqual([who('a', { state: 'typing' })]);
    expect(roster.delete('tab 2')).toBe(true);
    expect(roster.present.who).toEqual([who('a')]);
  });

  it('a voice that speaks for another leaves the first', () => {
    const roster = new Roster(9);
    roster.set('tab', who('a'));
    expect(roster.set('tab', who('b'))).toBe(true);
    expect(idsOf(roster)).toEqual(['b']);
    roster.delete('tab');
    expect(roster.present.count).toBe(0);
  });

  it.each([
    ['nothing', {}, false],
    ['the same again', { info: { name: 'A' } }, false],
    ['a state', { state: 'typing' }, true],
    ['a role', { role: 'operator' }, true],
    ['an info', { info: { name: 'B' } }, true],
    ['no info any more', { info: undefined }, true],
  ] as const)('%s is new: %s', (_, more, isNew) => {
    const roster = new Roster(9);
    const first = who('a', { info: { name: 'A' } });
    roster.set('tab', first);
    const before = roster.present;
    expect(roster.set('tab', { ...first, ...more } as Presence)).toBe(isNew);
    expect(roster.present === before).toBe(!isNew);
  });
});

it('HF-PRES-1: a copy tells of the same, and goes on by itself', () => {
  const roster = new Roster(9);
  roster.set('tab 1', who('a'));
  roster.set('tab 2', who('a', { state: 'typing' }));
  const { present } = roster;
  const copy = roster.copy();
  expect(copy.present).toBe(present);
  expect(copy.set('hub a', who('a'))).toBe(false);
  expect(copy.present).toBe(present);
  expect(copy.set('hub b', who('b'))).toBe(true);
  expect([idsOf(roster), idsOf(copy)]).toEqual([['a'], ['a', 'b']]);
  copy.delete('tab 1');
  copy.delete('tab 2');
  copy.delete('hub a');
  expect([idsOf(roster), idsOf(copy)]).toEqual([['a'], ['b']]);
});

describe('HF-PRES-5: who is named', () => {
  it('is everybody where they are no more than may be', () => {
    const roster = new Roster(3);
    for (const id of ['c', 'a', 'b']) roster.set(id, who(id));
    expect(roster.present).toMatchObject({ count: 3 });
    expect(idsOf(roster)).toEqual(['a', 'b', 'c']);
  });

  it('are those who type first, in the order of their ids, where they are more', () => {
    const roster = new Roster(3);
    for (const id of ['a', 'b', 'c', 'd', 'e']) roster.set(id, who(id));
    expect(idsOf(roster)).toEqual(['a', 'b', 'c']);
    expect(roster.present.count).toBe(5);
    roster.set('e', who('e', { state: 'typing' }));
    expect(idsOf(roster)).toEqual(['a', 'b', 'e']);
    for (const id of ['b', 'c', 'd']) roster.set(id, who(id, { state: 'typing' }));
    expect(idsOf(roster)).toEqual(['b', 'c', 'e']);
    roster.delete('e');
    roster.delete('c');
    expect(roster.present.count).toBe(3);
    expect(idsOf(roster)).toEqual(['a', 'b', 'd']);
  });

  it('is the next one where somebody is gone, whether they typed or not', () => {
    const roster = new Roster(2);
    for (const id of ['a', 'b', 'c', 'd', 'e']) roster.set(id, who(id));
    roster.delete('a');
    expect(idsOf(roster)).toEqual(['b', 'c']);
    roster.set('e', who('e', { state: 'typing' }));
    expect(idsOf(roster)).toEqual(['b', 'e']);
    roster.delete('e');
    expect(idsOf(roster)).toEqual(['b', 'c']);
  });

  it('is the first one again where who typed does so no more', () => {
    const roster = new Roster(2);
    for (const id of ['a', 'b', 'c']) roster.set(id, who(id));
    roster.set('c', who('c', { state: 'typing' }));
    expect(idsOf(roster)).toEqual(['a', 'c']);
    roster.set('c', who('c'));
    expect(idsOf(roster)).toEqual(['a', 'b']);
  });

  it('is the same object while nobody that it names has changed', () => {
    const roster = new Roster(2);
    for (const id of ['a', 'b', 'c']) roster.set(id, who(id));
    const before = roster.present;
    expect(roster.present).toBe(before);
    roster.set('tab 2', who('a'));
    expect(roster.present).toBe(before);
    roster.set('c', who('c', { info: { name: 'C' } }));
    expect(roster.present).toBe(before);
    roster.set('d', who('d'));
    expect(roster.present).not.toBe(before);
    expect(roster.present.count).toBe(4);
  });
});
