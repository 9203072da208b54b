import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { Message, Writer } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { Addresses } from '../../src/session/addresses.ts';
import { AppliedIds } from '../../src/session/applied-ids.ts';
import { jsonBytes } from '../../src/session/json-bytes.ts';
import { olderItems } from '../../src/session/older-items.ts';
import { readLimit } from '../../src/session/page-limit.ts';
import { SkippedEntries } from '../../src/session/skipped.ts';
import { StandIns, stayMs } from '../../src/session/stand-ins.ts';
import { readState, readStored, stateOf } from '../../src/session/stored-item.ts';
import { conversationOf } from '../../src/session/written.ts';
import { changed } from '../support/logs.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('ids of entries that were applied', () => {
  const applied = (first: number, last: number) => {
    const ids = new AppliedIds();
    for (let seq = first; seq <= last; seq++) ids.push(`${seq}-7`);
    return ids;
  };

  it('are known by number and nonce, as far as they go', () => {
    const ids = applied(5, 7);
    const asked = ['4-7', '5-7', '6-7', '7-7', '8-7', '6-8', '7-8', '0-0'];
    expect(asked.filter((id) => ids.has(id))).toEqual(['5-7', '6-7', '7-7']);
    ids.clear();
    expect(asked.some((id) => ids.has(id))).toBe(false);
  });

  it('are the newest two thousand, and for a while twice as many', () => {
    expect(applied(1, 4_000).has('1-7')).toBe(true);
    const ids = applied(1, 4_001);
    expect(['2001-7', '2002-7', '4001-7'].map((id) => ids.has(id))).toEqual([false, true, true]);
  });
});

it('HF-EVT-7: an address is found by its connection and participant until its subscription goes', () => {
  const addresses = new Addresses();
  const addressOf = (id: string) => ({ key: {}, participant: { id, role: 'user' as const } });
  const [ada, bob] = [addressOf('ada'), addressOf('bob')];
  addresses.add('1', ada);
  addresses.add('2', bob);
  expect(addresses.find('1', 'ada')).toBe(ada);
  expect([addresses.find('1', 'bob'), addresses.find('3', 'ada')]).toEqual([undefined, undefined]);
  addresses.drop({});
  addresses.drop(ada.key);
  expect([addresses.find('1', 'ada'), addresses.find('2', 'bob')]).toEqual([undefined, bob]);
});

it('HF-EVT-8: one subscription that is gone stands for a participant, for so long', () => {
  const standIns = new StandIns();
  const [first, second, other] = [{}, {}, {}];
  expect(standIns.add('ada', first, 0)).toBeUndefined();
  expect(standIns.add('ada', first, 1_000)).toBeUndefined();
  expect(standIns.add('bob', other, 2_000)).toBeUndefined();
  expect([standIns.size, standIns.has('ada', first), standIns.has('ada', other)]).toEqual([
    2,
    true,
    false,
  ]);
  expect(standIns.add('ada', second, 3_000)).toBe(first);
  expect([standIns.has('ada', first), standIns.has('ada', second)]).toEqual([false, true]);
  expect(standIns.replacedBy('ada', second)).toBeUndefined();
  expect(standIns.replacedBy('eve', first)).toBeUndefined();
  expect(standIns.takeDue(2_000 + stayMs - 1)).toEqual([]);
  expect(standIns.takeDue(2_000 + stayMs)).toEqual([other]);
  expect(standIns.replacedBy('ada', first)).toBe(second);
  expect([standIns.size, standIns.takeDue(99_000)]).toEqual([0, []]);
});

it('what nobody can read is reported once, and again where a thousand others came since', () => {
  let reports = 0;
  const skipped = new SkippedEntries(() => reports++);
  const told = (id: string, session = 's') => skipped.note(session, id);
  for (const at of upTo(1_000)) told(`${at}`);
  for (const at of upTo(1_000)) told(`${at}`);
  expect(reports).toBe(1_000);
  told('one more');
  told('one more');
  expect(reports).toBe(1_001);
  told('0');
  expect(reports).toBe(1_002);
  told('0', 'another');
  expect(reports).toBe(1_003);
});

it('a conversation has the messages that are shown, and who wrote them', () => {
  const said = (id: string, role: Message['role'], parts: Message['parts'] = []) => {
    return { id, role, parts } as Message;
  };
  const text = [{ type: 'text', text: 'x' }] as Message['parts'];
  const by: Writer = { id: 'a', role: 'agent' };
  const all = [
    { message: said('1', 'user'), by: { id: 'u', role: 'user' } as Writer },
    { message: said('2', 'assistant'), by },
    { message: said('__proto__', 'assistant', text), by },
    { message: said('4', 'assistant', text) },
  ];
  const { messages, authors } = conversationOf(all);
  expect(messages.map(({ id }) => id)).toEqual(['1', '__proto__', '4']);
  expect(Object.entries(authors)).toEqual([
    ['1', { id: 'u', role: 'user' }],
    ['__proto__', by],
  ]);
});

it('the bytes of a value are those of its JSON', () => {
  const circular: Record<string, unknown> = {};
  circular.own = circular;
  const values = [undefined, null, 'ü', { a: [1] }, 1n, circular];
  expect(values.map(jsonBytes)).toEqual([0, 4, 4, 9, Infinity, Infinity]);
});

it.each([
  [null, 20],
  [undefined, 20],
  ['1', 1],
  [50, 50],
  ['51', null],
  [0, null],
  ['-1', null],
  ['1.5', null],
  ['x', null],
  ['', null],
])('HF-HTTP-35: a page that is to have %j messages has %j', (wish, limit) => {
  const read = () => readLimit(wish, { pageMessages: 20, pageLimit: 50 });
  if (limit === null) expect(read).toThrow(expect.objectContaining({ code: 'bad_request' }));
  else expect(read()).toBe(limit);
});

describe('what is stored', () => {
  const nothing = { queue: [], operator: null, steps: [] };
  const some = {
    queue: [{ id: 'c', messages: [], at: 0 }],
    operator: { id: 'o', role: 'operator' },
    steps: [{ k: 'step', run: 'r', name: 'n', result: 1, at: 0 }],
    stopping: ['r'],
  } as const;

  it('of the state is each part that there is, alone and with the others', () => {
    expect(stateOf(nothing, [])).toBe('');
    for (const which of upTo(15)) {
      const has = (bit: number) => ((which + 1) & (1 << bit)) > 0;
      const state = {
        queue: has(0) ? some.queue : [],
        operator: has(1) ? some.operator : null,
        steps: has(2) ? some.steps : [],
      };
      const stopping = has(3) ? some.stopping : [];
      expect(readState(stateOf(state, [...stopping]))).toEqual({ ...state, stopping });
    }
    expect(readState('')).toEqual({ ...nothing, stopping: [] });
  });

  it.each(['x', '{', 'null', '[]', '{}', '{"queue":{}}'])('is no state: %s', (text) => {
    expect(() => readState(text)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it.each(['', 'x', 'null', '[]', '{}', '{"id":7}'])('is no message: %j', (text) => {
    expect(() => readStored(text)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('is read as deep as it may be nested', () => {
    const nested = (depth: number, name: string) =>
      `{"id":"m","queue":[],"${name}":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    for (const read of [readState, readStored]) {
      expect(() => read(nested(999, 'x'))).not.toThrow();
      expect(() => read(nested(1_000, 'x'))).toThrow();
    }
  });
});

describe('HF-LOG-17: older messages', () => {
  const session = 's';
  const seeded = async () => {
    const log = createMemoryLog();
    const items = upTo(10).map((at) => ({ key: `m${at}`, body: `{"id":"m${at}"}` }));
    await log.seed(session, { items, entry: { nonce: 1, body: '{"k":"seed"}' } });
    const { checkpoint = '' } = (await log.head(session)) ?? {};
    const read = (id: string, start: number, more: { at?: string; log?: SessionLog } = {}) =>
      olderItems(more.log ?? log, session, id, {
        ...{ start, checkpoint: more.at ?? checkpoint, pageMessages: 3 },
      });
    return { log, read };
  };

  it.each([
    ['m8', 9, 6, 3],
    ['m4', 7, 2, 5],
    ['m1', 5, 0, 5],
    ['m0', 1, 0, 1],
    ['m5', 4, 3, 1],
  ])('than place %2$d with %1$s begin at %3$d and are %4$d', async (id, start, begin, count) => {
    const { read } = await seeded();
    const items = upTo(count).map((at) => ({ id: `m${begin + at}` }));
    expect(await read(id, start)).toEqual({ begin, items, runs: [] });
  });

  it('come with the runs of those that are open', async () => {
    const [run, other] = ['r', 'q'].map((name) => ({ run: name, state: 'failed' }));
    const log = createMemoryLog();
    const items = [
      { key: 'a', body: JSON.stringify({ id: 'a', segments: [], runs: [run, other] }) },
      { key: 'b', body: '{"id":"b"}' },
    ];
    await log.seed(session, { items, entry: { nonce: 1, body: '{"k":"seed"}' } });
    const { checkpoint = '' } = (await log.head(session)) ?? {};
    const older = await olderItems(log, session, 'a', { start: 2, checkpoint, pageMessages: 3 });
    expect(older).toMatchObject({ runs: [run, other] });
  });

  it('are not there behind those that are held, nor where there is no such message', async () => {
    const { read } = await seeded();
    // A page in front of it begins where those begin that are held.
    for (const [id, start] of [
      ['m6', 4],
      ['m9', 4],
      ['m2', 0],
      ['other', 9],
    ] as const)
      expect(await read(id, start)).toBe('absent');
  });

  it('are others where the log has stored more meanwhile', async () => {
    const { log, read } = await seeded();
    expect(await read('m4', 7, { at: '0-0' })).toBe('changed');
    const later = changed(log, {
      items: async (...given) => {
        const found = await log.items(...given);
        return found && { ...found, checkpoint: '9-9' };
      },
    });
    expect(await read('m4', 7, { log: later })).toBe('changed');
    expect(await read('m4', 7, { log: changed(log, { items: async () => null }) })).toBe('changed');
  });
});
