import { createMemoryLog } from '@holdfast/log';
import type { Presence } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import {
  askText,
  PresenceAnnouncer,
  readSignal,
  saidText,
} from '../../src/session/presence-signals.ts';
import { Roster } from '../../src/session/roster.ts';

const present = (id: string, state: Presence['state'] = 'here', info?: object): Presence =>
  ({ id, role: 'user', state, ...(info ? { info } : {}) }) as Presence;

describe('a signal', () => {
  it('of a request says for which connection, by whom, and what', () => {
    for (const state of ['here', 'typing', 'away'] as const) {
      const said = { conn: 'c', by: 'ada', state };
      expect(readSignal(saidText(said))).toEqual({ kind: 'said', ...said });
    }
    for (const wrong of [{ conn: 7 }, { by: 7 }, { state: 'gone' }, { state: undefined }]) {
      const text = JSON.stringify({ conn: 'c', by: 'ada', state: 'here', ...wrong });
      expect(readSignal(text)).toBeNull();
    }
  });

  it('of a hub says who is there and who is gone, and what of it can be read', () => {
    const empty = { kind: 'announced', hub: 'h', isAsking: false, who: [], gone: [] };
    const read = (words: object) => readSignal(JSON.stringify({ hub: 'h', ...words }));
    expect(read({})).toEqual(empty);
    expect(read({ ask: true })).toEqual({ ...empty, isAsking: true });
    expect(read({ ask: 1 })).toEqual(empty);
    const who = [present('a'), present('b', 'typing')];
    expect(read({ who, gone: ['c'] })).toEqual({ ...empty, who, gone: ['c'] });
    const wrong = [{ id: 7 }, { role: 7 }, { state: 'away' }].map((each) => {
      return { ...present('a'), ...each };
    });
    expect(read({ who: [...wrong, null, 'a', who[0]] })).toEqual({ ...empty, who: [who[0]] });
    expect(read({ who: {}, gone: 'c' })).toEqual(empty);
  });

  it.each(['', 'null', '[]', '"h"', '{}', '{"hub":7}', '{"conn":"c"}'])('is not %j', (text) => {
    expect(readSignal(text)).toBeNull();
  });

  it('is nested no deeper than an info has to be', () => {
    const nested = (depth: number) =>
      readSignal(`{"hub":"h","x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(nested(31)).not.toBeNull();
    expect(nested(32)).toBeNull();
  });
});

describe('a hub tells the others', () => {
  const announcing = () => {
    let now = 0;
    const own = new Roster(100);
    const told: object[] = [];
    const signal = (text: string) => {
      const { hub, ...words } = JSON.parse(text) as { hub: string };
      expect(hub).toBe('h');
      told.push(words);
    };
    const announcer = new PresenceAnnouncer({ id: 'h', now: () => now, signal }, own);
    const said = () => told.splice(0);
    return { own, announcer, said, pass: (ms: number) => (now += ms) };
  };

  it('what has changed since, and nothing where nothing has', () => {
    const { own, announcer, said } = announcing();
    announcer.tellChanges();
    expect(said()).toEqual([]);
    const [a, b] = [present('a'), present('b')];
    own.set('1', a);
    own.set('2', b);
    announcer.tellChanges();
    expect(said()).toEqual([{ who: [a, b] }]);
    expect(announcer.told).toBe(2);
    announcer.tellChanges();
    expect(said()).toEqual([]);
    own.delete('1');
    own.set('2', present('b', 'typing'));
    announcer.tellChanges();
    expect(said()).toEqual([{ gone: ['a'] }, { who: [present('b', 'typing')] }]);
    own.delete('2');
    announcer.tellChanges();
    expect(said()).toEqual([{ gone: ['b'] }]);
    expect(announcer.told).toBe(0);
  });

  it('that it asks who is there, in words that say nothing of its own', () => {
    expect(readSignal(askText('h1'))).toEqual({
      kind: 'announced',
      hub: 'h1',
      isAsking: true,
      who: [],
      gone: [],
    });
  });

  it('all of it, and who is gone since', () => {
    const { own, announcer, said } = announcing();
    const [a, b] = [present('a'), present('b')];
    own.set('1', a);
    own.set('2', b);
    announcer.tellAll();
    announcer.tellAll();
    expect(said()).toEqual([{ who: [a, b] }, { who: [a, b] }]);
    own.delete('1');
    announcer.tellAll();
    expect(said()).toEqual([{ gone: ['a'] }, { who: [b] }]);
  });

  it('and knows how long ago that was', () => {
    const { own, announcer, pass } = announcing();
    const age = () => ({ last: announcer.sinceLast, all: announcer.sinceAll });
    expect(age()).toEqual({ last: Infinity, all: Infinity });
    announcer.tellAll();
    pass(1_000);
    own.set('1', present('a'));
    announcer.tellChanges();
    pass(500);
    expect(age()).toEqual({ last: 500, all: 1_500 });
    announcer.tellChanges();
    expect(age()).toEqual({ last: 500, all: 1_500 });
  });

  it.each([
    // 100 bytes with what parts them: 90 in a signal, unless one has a byte more.
    { more: 0, lengths: [90, 1] },
    { more: 1, lengths: [89, 2] },
  ])('in as many signals as it takes, each as full as it can be: $lengths', async (each) => {
    const { own, announcer, said } = announcing();
    const bytes = (member: Presence) => JSON.stringify(member).length + 1;
    const pad = 100 - bytes(present('000', 'here', { x: '' }));
    const all = Array.from({ length: 91 }, (_, at) =>
      present(`${100 + at}`, 'here', { x: 'x'.repeat(at === 0 ? pad + each.more : pad) }),
    );
    for (const member of all) own.set(member.id, member);
    announcer.tellAll();
    const pages = said() as { readonly who: readonly Presence[] }[];
    expect(pages.map(({ who }) => who.length)).toEqual(each.lengths);
    expect(pages.flatMap(({ who }) => who)).toEqual(all);
    // As large as one may be, it passes.
    const log = createMemoryLog();
    await log.signal('s', JSON.stringify({ hub: 'h', ...pages[0] }));
  });
});
