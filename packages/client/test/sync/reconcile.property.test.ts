import type { UIMessage } from 'ai';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LocalSends, reconcile, type SessionMessages } from '../../src/sync/reconcile.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/** Users and assistants by turns; the words differ between what was shown and what is there. */
const message = (id: string, words: string): UIMessage => ({
  id,
  role: names.indexOf(id as (typeof names)[number]) % 2 === 0 ? 'user' : 'assistant',
  parts: words === '' ? [] : [{ type: 'text', text: words }],
});

const list = fc
  .shuffledSubarray([...names])
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((id) => fc.constantFrom('', 'x', 'y').map((words) => message(id, words))),
    ),
  ) as fc.Arbitrary<UIMessage[]>;

const some = fc.subarray([...names]);

interface Case {
  readonly local: UIMessage[];
  readonly view: SessionMessages<UIMessage>;
  readonly sends: LocalSends<UIMessage>;
  readonly streams: ReadonlySet<string>;
}

/** Any chat, session and sends, also such as never come about. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    local: list,
    session: list,
    unknown: some,
    isWhole: fc.boolean(),
    had: some,
    unsent: some,
    streams: some,
    pending: fc.array(
      fc.record({
        message: fc.option(
          fc.constantFrom(...names).map((id) => message(id, 'z')),
          { nil: undefined },
        ),
        after: fc.option(fc.constantFrom(null, ...names), { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ local, session, unknown, isWhole, had, unsent, streams, pending }) => ({
    local,
    view: {
      messages: session.map((each) => ({
        id: each.id,
        message: unknown.includes(each.id as (typeof names)[number]) ? null : each,
      })),
      isWhole,
      had: (id: string) => had.includes(id as (typeof names)[number]),
    },
    sends: { pending, unsent: new Set<string>(unsent) },
    streams: new Set<string>(streams),
  }));

const run = ({ local, view, sends, streams }: Case): readonly UIMessage[] =>
  reconcile(local, view, sends, streams);
const ids = (messages: readonly { readonly id: string }[]): string[] =>
  messages.map(({ id }) => id);

const check = (property: (given: Case) => void): void => {
  fc.assert(fc.property(cases, property), { numRuns: 2_000 });
};

test('nothing is shown twice', () => {
  check((given) => {
    const shown = ids(run(given));
    expect(new Set(shown).size).toBe(shown.length);
  });
});

/** Whether all of the session is shown, and sends keep what the chat shows: as it comes about. */
const isUsual = ({ local, view, sends }: Case): boolean =>
  view.messages.every(({ message: known }) => known !== null && known.parts.length > 0) &&
  sends.pending.filter(({ after }) => after !== undefined).length < 2 &&
  sends.pending.every(
    ({ after }) => after == null || (ids(local).includes(after) && !view.had(after)),
  );

test('doing it again changes nothing, and gives the same list', () => {
  check((given) => {
    if (!isUsual(given)) return;
    const once = run(given);
    expect(run({ ...given, local: once as UIMessage[] })).toBe(once);
  });
});

test('what the session has and what is shown are in one order', () => {
  check((given) => {
    const pending = new Set(given.sends.pending.map(({ message: own }) => own?.id));
    const order = ids(given.view.messages).filter((id) => !pending.has(id));
    const shown = ids(run(given)).filter((id) => order.includes(id));
    expect(shown).toEqual(order.filter((id) => shown.includes(id)));
  });
});

test('what is being sent is shown, the last such act at the end, unless a later one cuts it off', () => {
  check((given) => {
    const last = given.sends.pending.at(-1);
    if (!last?.message || ids(given.view.messages).includes(last.message.id)) return;
    const shown = ids(run(given));
    expect(shown).toContain(last.message.id);
    if (last.after === null) expect(shown.filter((id) => !isOwn(given, id))).toEqual([]);
  });
});

const isOwn = ({ sends, streams }: Case, id: string): boolean =>
  sends.unsent.has(id) ||
  streams.has(id) ||
  sends.pending.some(({ message: own }) => own?.id === id);

test('words that were typed here and that the session never had are kept, in the order they had', () => {
  check((given) => {
    const known = ids(given.view.messages);
    const kept = ids(given.local).filter((id) => given.sends.unsent.has(id) && !known.includes(id));
    const pending = given.sends.pending.map(({ message: own }) => own?.id);
    if (given.sends.pending.some(({ after }) => after !== undefined)) return;
    // What is logged, and then what is under way, stands in one order in the chat too.
    const order = [...new Set([...known, ...pending])];
    const here = ids(given.local).filter((id) => order.includes(id));
    if (here.join() !== order.filter((id) => id && here.includes(id)).join()) return;
    const expected = kept.filter((id) => !pending.includes(id));
    expect(ids(run(given)).filter((id) => expected.includes(id))).toEqual(expected);
  });
});

test('messages that do not change keep their objects', () => {
  check((given) => {
    const before = new Map(given.local.map((each) => [each.id, each]));
    for (const shown of run(given)) {
      const old = before.get(shown.id);
      if (old && JSON.stringify(old) === JSON.stringify(shown)) expect(shown).toBe(old);
    }
  });
});

test('without sends and streams it is the session, behind what is older than it', () => {
  check(({ local, view }) => {
    const messages = view.messages.map(({ id, message: known }) => ({
      id,
      message: known ?? message(id, 'x'),
    }));
    const sends = { pending: [], unsent: new Set<string>() };
    const shown = reconcile(local, { ...view, messages }, sends, new Set());
    const expected = messages
      .map((each) => each.message)
      .filter(({ role, parts }) => role === 'user' || parts.length > 0);
    expect(shown.slice(shown.length - expected.length)).toEqual(expected);
    const older = ids(shown.slice(0, shown.length - expected.length));
    expect(older).toEqual(
      ids(local)
        .slice(0, local.length)
        .filter((id) => older.includes(id)),
    );
    for (const id of older) expect(ids(view.messages)).not.toContain(id);
  });
});
