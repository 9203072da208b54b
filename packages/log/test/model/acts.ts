import type { Outcome } from '@holdfast/protocol';
import fc from 'fast-check';
import type { NewEntry } from '../../src/index.ts';

/** One thing to do to a log, with every choice made: the same act has the same answer from every log. */
export type Act = { readonly session: string } & (
  | {
      readonly kind: 'send';
      readonly command: string;
      readonly entries: readonly NewEntry[];
      readonly run: string | null;
      readonly stopped: NewEntry;
      readonly digest: string | null;
      /** Its epoch is named as that of `read`; `E0` is that of no session. */
      readonly alone: boolean;
      readonly during: string | null;
      readonly begun: boolean;
      readonly expect: { readonly epoch: string; readonly id: string } | null;
    }
  | {
      readonly kind: 'append';
      readonly run: string;
      readonly attempt: number;
      readonly seq: number;
      readonly entry: NewEntry;
      readonly end: Outcome | null;
    }
  | {
      readonly kind: 'renew';
      readonly run: string;
      readonly attempt: number;
      readonly holder: string | null;
      readonly lapsed: boolean;
    }
  | { readonly kind: 'cancel-run'; readonly run: string; readonly entry: NewEntry }
  | { readonly kind: 'cancel-command'; readonly command: string; readonly entry: NewEntry }
  /** The lease runs out. */
  | { readonly kind: 'expire'; readonly run: string }
  | {
      readonly kind: 'reap';
      readonly run: string;
      readonly attempt: number;
      readonly entry: NewEntry;
    }
  | { readonly kind: 'delete' }
  /** Stores new messages at the places from `since` on, and leaves `count` in all. */
  | {
      readonly kind: 'store';
      readonly count: number;
      readonly since: number;
      readonly body: string;
      readonly keep: number;
      /** Says that the application was told of all that is stored. */
      readonly tells: boolean;
      /** Null says nothing. */
      readonly state: string | null;
      readonly isStale: boolean;
      /** Up to the top, or no further than before. */
      readonly movesOn: boolean;
      /** Entries behind the new checkpoint that are dropped too late to matter; null drops none. */
      readonly keeps: number | null;
    }
  | { readonly kind: 'seed'; readonly count: number; readonly entry: NewEntry }
  | { readonly kind: 'open'; readonly limit: number }
  | { readonly kind: 'items'; readonly before: number; readonly limit: number }
  | { readonly kind: 'find'; readonly at: number }
  | { readonly kind: 'head' }
  | { readonly kind: 'ask-command'; readonly command: string }
  | { readonly kind: 'ask-run'; readonly run: string }
  /** `epoch` names an epoch by its order of appearance, `E1` first; null reads from the floor. */
  | {
      readonly kind: 'read';
      readonly epoch: string | null;
      readonly id: string;
      readonly limit: number;
    }
);

// Few names and small numbers, so that acts meet each other.
const name = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: count }).map((at) => `${prefix}${at}`);
const run = name('r', 3);
const command = name('c', 4);
const attempt = fc.constantFrom(1, 1, 1, 2, 3);
const entry = fc.record({
  nonce: fc.integer({ min: 1, max: 3 }),
  body: fc.constantFrom('', 'a', 'bb', 'x'.repeat(12)),
});
const end = fc.constantFrom<(Outcome | null)[]>(null, null, null, null, null, 'finished', 'failed');
/** An id is drawn as a number and 1 for the entry that stands there, or something else for none (`Model.named`). */
const id = fc.oneof(
  fc.constant('0-0'),
  fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 3 })).map(([seq, nonce]) => `${seq}-${nonce}`),
);

const kinds = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      command,
      entries: fc.array(entry, { minLength: 1, maxLength: 2 }),
      run: fc.option(run, { freq: 5 }),
      stopped: entry,
      digest: fc.constantFrom(null, null, 'd1', 'd2'),
      alone: fc.boolean(),
      during: fc.option(run, { freq: 2 }),
      begun: fc.constantFrom(false, false, true),
      expect: fc.option(fc.record({ epoch: fc.nat(2).map((at) => `E${at}`), id }), { freq: 2 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      run,
      attempt,
      seq: fc.nat(4),
      entry,
      end,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('renew' as const),
      run,
      attempt,
      holder: fc.constantFrom(null, null, 'h1', 'h2'),
      lapsed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel-run' as const), run, entry }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cancel-command' as const), command, entry }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), run }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reap' as const), run, attempt, entry }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'head' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('head' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask-command' as const), command }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask-run' as const), run }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      count: fc.nat(3),
      since: fc.constantFrom(0, 0, 1, 2, 3),
      keep: fc.nat(3),
      tells: fc.constantFrom(false, false, true),
      state: fc.constantFrom(null, null, '', 'x', 'yy'),
      body: fc.constantFrom('', 'm', 'mm'.repeat(5)),
      isStale: fc.constantFrom(false, false, false, true),
      movesOn: fc.boolean(),
      keeps: fc.option(fc.nat(3)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('seed' as const), count: fc.nat(2), entry }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('items' as const),
      before: fc.nat(4),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), at: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      epoch: fc.option(name('E', 3)),
      id,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

/** A run's name is used once at a time: the server mints them. */
function withFreshRuns(acts: readonly Act[]): readonly Act[] {
  const taken = new Map<string, string>();
  return acts.map((act) => {
    if (act.kind !== 'send' || act.run === null) return act;
    const key = `${act.session} ${act.run}`;
    const owner = taken.get(key) ?? act.command;
    taken.set(key, owner);
    return owner === act.command ? act : { ...act, run: null };
  });
}

export const acts: fc.Arbitrary<readonly Act[]> = fc
  .array(
    fc.tuple(name('s', 2), kinds).map(([session, act]): Act => ({ session, ...act })),
    { minLength: 1, maxLength: 60, size: 'max' },
  )
  .map(withFreshRuns);
