import { describe, expect, it } from 'vitest';
import { entryOf } from '../../src/session/entry-of.ts';

const message = { id: 'm', role: 'user', parts: [] };
const chunk = { type: 'start' };

/** Of each kind one that is none of a later version's, with all members that readers rely on, and no others. */
const fitting: Readonly<Record<string, object>> = {
  message: { message },
  truncate: { after: 'm' },
  answer: { messageId: 'm', chunks: [chunk] },
  'run-start': { run: 'r', messageId: 'm', attempt: 1 },
  chunks: { run: 'r', c: [chunk] },
  'run-end': { run: 'r' },
  cancel: { run: 'r' },
  steer: { run: 'r', message },
  queue: { order: ['c'], add: { id: 'c', messages: [] } },
  handoff: { to: {} },
  step: { run: 'r', name: 'n' },
};

const wrong = [undefined, 7, true, [7]];

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** Each with one member, at any depth, that is something else or missing. */
function* broken(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const others = [...wrong.filter((each) => kindOf(each) !== kindOf(member)), ...broken(member)];
    for (const other of others) {
      if (Array.isArray(value)) {
        const whole = value.map((each, at) => (String(at) === name ? other : each));
        // A list has no members that are missing.
        yield whole.map((each) => each ?? null);
      } else yield { ...value, [name]: other };
    }
  }
}

describe.each(Object.entries(fitting))('HF-SUB-11: an entry of the kind %s', (k, members) => {
  const read = (value: object) => entryOf(JSON.stringify({ k, ...value }));

  it('is one with all that readers rely on, and with more', () => {
    expect(read(members)).toEqual({ k, ...members });
    expect(read({ ...members, later: 1 })).toEqual({ k, ...members, later: 1 });
  });

  it('is none where any of that is something else, or missing', () => {
    const all = [...broken(members)].filter(
      // What waits need not be told again.
      (value) => !(k === 'queue' && JSON.stringify(value) === '{"order":["c"]}'),
    );
    expect(all.length).toBeGreaterThan(2);
    for (const value of all) expect([value, read(value as object)]).toEqual([value, null]);
  });
});

it.each([
  { k: 'truncate', after: null },
  { k: 'handoff', to: null },
  { k: 'queue', order: [] },
  { k: 'seed' },
  { k: 'later', anything: [1] },
  { k: 'toString' },
  { k: 'answer', messageId: 'm', chunks: [] },
])('HF-SUB-11: so is %j', (entry) => {
  expect(entryOf(JSON.stringify(entry))).toEqual(entry);
});

it.each(['', '{', '42', 'null', '[{"k":"seed"}]', '"seed"', '{}', '{"k":7}', '{"k":null}'])(
  'HF-SUB-11: %j is none',
  (text) => {
    expect(entryOf(text)).toBeNull();
  },
);

it('HF-SUB-11: neither is one that is nested deeper than any could be', () => {
  const nested = (depth: number) =>
    entryOf(`{"k":"later","x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(nested(999)).not.toBeNull();
  expect(nested(1_000)).toBeNull();
});
