import { expect, it } from 'vitest';
import type { Chunk, RunInfo, Steer } from '../src/entries.ts';
import { restarted, withConsumed, withOutcome, withSteer } from '../src/steers.ts';

const run: RunInfo = {
  run: 'r',
  attempt: 1,
  agent: 'a',
  messageId: 'm',
  command: 'c',
  state: 'running',
};
const message = (id: string) => ({ id, role: 'user', parts: [] });
const sent = (to: RunInfo, id: string): RunInfo =>
  withSteer(to, { k: 'steer', run: 'r', message: message(id), at: 0 });
const chunk = (type: string, id: string): Chunk => ({ type, id });
const statesOf = ({ steers = [] }: RunInfo) => steers.map(({ state }) => state);

type Event = readonly [name: string, apply: (to: RunInfo) => RunInfo];
const events: readonly Event[] = [
  ['sent again', (to) => sent(to, 's')],
  ['steering-message', (to) => withConsumed(to, [chunk('steering-message', 's')])],
  ['data-steering', (to) => withConsumed(to, [chunk('data-steering', 's')])],
  ['of another message', (to) => withConsumed(to, [chunk('steering-message', 'other')])],
  ['other chunk', (to) => withConsumed(to, [chunk('text-delta', 's')])],
  ['finished', (to) => withOutcome(to, 'finished')],
  ['stopped', (to) => withOutcome(to, 'stopped')],
  ['failed', (to) => withOutcome(to, 'failed')],
  ['lost', (to) => withOutcome(to, 'lost')],
];

const table: Readonly<Record<Steer['state'], Readonly<Record<string, Steer['state']>>>> = {
  waiting: {
    'sent again': 'waiting',
    'steering-message': 'consumed',
    'data-steering': 'consumed',
    'of another message': 'waiting',
    'other chunk': 'waiting',
    finished: 'unconsumed',
    stopped: 'unconsumed',
    failed: 'unconsumed',
    lost: 'unconsumed',
  },
  consumed: Object.fromEntries(events.map(([name]) => [name, 'consumed'])),
  unconsumed: {
    ...Object.fromEntries(events.map(([name]) => [name, 'unconsumed'])),
    // The run's end is written last, so this comes from nobody; the model's word counts all the same.
    'steering-message': 'consumed',
    'data-steering': 'consumed',
  },
};

const states: Readonly<Record<Steer['state'], RunInfo>> = {
  waiting: sent(run, 's'),
  consumed: withConsumed(sent(run, 's'), [chunk('steering-message', 's')]),
  unconsumed: withOutcome(sent(run, 's'), 'finished'),
};

it.each(
  Object.entries(states).flatMap(([state, from]) =>
    events.map(([name, apply]) => [state as Steer['state'], name, from, apply] as const),
  ),
)('HF-RUN-21: %s, %s', (state, name, from, apply) => {
  expect(statesOf(apply(from))).toEqual([table[state][name]]);
});

it('HF-RUN-21: keeps the order, and takes nothing once the run has ended', () => {
  expect(sent(sent(run, 'a'), 'b').steers?.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(sent(withOutcome(run, 'finished'), 'a').steers).toBeUndefined();
});

it('leaves runs without such messages as they are', () => {
  expect(withConsumed(run, [chunk('steering-message', 's')])).toBe(run);
  expect(withConsumed(states.waiting, [])).toBe(states.waiting);
});

it('another attempt is told what the one before was told, unless that is kept', () => {
  const told = ['a', 'b', 'c'].reduce(sent, run);
  const used = withConsumed(told, [chunk('steering-message', 'a'), chunk('data-steering', 'b')]);
  const next = { ...run, attempt: 2 };
  expect(statesOf(restarted(next, used, []))).toEqual(['waiting', 'waiting', 'waiting']);
  const kept = [chunk('text-delta', 'b'), chunk('steering-message', 'a')];
  expect(statesOf(restarted(next, used, kept))).toEqual(['consumed', 'waiting', 'waiting']);
  expect(restarted(next, used, kept).attempt).toBe(2);
  expect(restarted(next, run, [])).toBe(next);
  expect(restarted(next, undefined, [])).toBe(next);
});
