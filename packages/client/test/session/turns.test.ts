import type { QueuedResponse, RunInfo, SendResponse } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { createChanges } from '../../src/changes.ts';
import type { Session } from '../../src/session/contract.ts';
import { hasEpoch, hasReached, seqIn } from '../../src/session/position.ts';
import { isTold, turnOf } from '../../src/session/turns.ts';

test.each([
  ['E1:12-7', 12],
  [':0-0', 0],
  ['3-160', 3],
])('the number in %s is %i', (position, seq) => {
  expect(seqIn(position)).toBe(seq);
});

test.each([
  ['E1:0-0', true],
  [':0-0', false],
  [undefined, false],
])('%s names an epoch: %s', (position, has) => {
  expect(hasEpoch(position)).toBe(has);
});

test.each([
  ['all of it', true, 'E1:5-1', true],
  ['more', true, 'E1:10-1', true],
  ['less', true, 'E1:4-1', false],
  ['less, by a number of more digits', true, 'E1:4-1000', false],
  ['another epoch', true, 'E2:1-1', true],
  ['all of it, and may be told of something else', false, 'E1:5-1', false],
  ['another epoch, and may be told of something else', false, 'E2:1-1', false],
  ['nothing', true, null, false],
  ['nothing, and may be told of it', false, null, false],
] as const)('HF-SUB-4: a session that has told %s', (_, isLive, position, is) => {
  expect(hasReached({ isLive, position }, 'E1:5-1')).toBe(is);
});

const run: SendResponse = {
  run: 'r',
  messageId: 'M',
  command: 'c',
  position: 'E1:5-1',
  state: 'running',
};
const queued: QueuedResponse = { state: 'queued', command: 'c', position: 'E1:5-1' };

/** A session that is live at a position, and as it is told. */
const sessionAt = (position: string, more: Partial<Session> = {}): Session =>
  ({
    isIdle: () => false,
    isLive: true,
    position,
    queue: [],
    runOf: () => undefined,
    ...more,
  }) as Partial<Session> as Session;

test.each([
  ['up to the run', run, 'E1:5-1', true],
  ['less', run, 'E1:4-1', false],
  ['the beginning of what was written', { ...run, through: '8-3' }, 'E1:7-1', false],
  ['all that was written', { ...run, through: '8-3' }, 'E1:8-3', true],
  ['another epoch', { ...run, through: '8-3' }, 'E2:1-1', true],
  ['the queue', queued, 'E1:5-1', true],
  ['less than the queue', queued, 'E1:4-1', false],
] as const)('a send is known to a session that has told %s', (_, answer, position, is) => {
  expect(isTold(answer, sessionAt(position))).toBe(is);
});

test('a send is known before, where it is seen or nobody looks', () => {
  const info = { command: 'c' } as RunInfo;
  const waits = { id: 'c', messages: [], at: 0 };
  const early = (more: Partial<Session>) => isTold(run, sessionAt('E1:1-1', more));
  expect(early({})).toBe(false);
  expect(early({ runOf: (command) => (command === 'c' ? info : undefined) })).toBe(true);
  expect(early({ queue: [waits] })).toBe(true);
  expect(early({ queue: [{ ...waits, id: 'other' }] })).toBe(false);
  expect(early({ isIdle: () => true })).toBe(true);
});

describe('the turn of a send that is queued', () => {
  const info = { run: 'r', command: 'c' } as RunInfo;
  const waits = [{ id: 'c', messages: [], at: 0 }];

  /** A session that goes from one of these to the next, and what the sender learns. */
  async function turned(...states: readonly (Partial<Session> & { error?: Error })[]) {
    const { notify, until } = createChanges();
    let now: Partial<Session> & { error?: Error } = {};
    const session: Session = {
      ...sessionAt('E1:4-1'),
      until,
      runOf: (command) => now.runOf?.(command),
      check: () => {
        if (now.error) throw now.error;
      },
      get queue() {
        return now.queue ?? waits;
      },
      get position() {
        return now.position ?? 'E1:4-1';
      },
    };
    let learned: unknown = 'waits';
    const { signal } = new AbortController();
    turnOf(queued, session, signal).then(
      (run) => {
        learned = run;
      },
      ({ name }: Error) => {
        learned = name;
      },
    );
    for (now of states) notify();
    await new Promise<void>((resolve) => setImmediate(resolve));
    return learned;
  }

  test.each([
    ['is waited for, where the queue has it', [{ position: 'E1:5-1' }], 'waits'],
    ['is waited for, where the queue is not told yet', [{ queue: [] }], 'waits'],
    ['is not, where it was taken out', [{ position: 'E1:5-1', queue: [] }], 'AbortError'],
    ['comes with its run', [{ runOf: () => info }], info],
    [
      'comes though it left the queue',
      [{ position: 'E1:6-1', queue: [], runOf: () => info }],
      info,
    ],
    ['comes though no socket does any more', [{ error: new TypeError(), runOf: () => info }], info],
    ['is not waited for where nobody tells', [{ error: new TypeError() }], 'TypeError'],
    [
      'comes at the end of a wait',
      [{ position: 'E1:5-1' }, { position: 'E1:6-1' }, { queue: [], runOf: () => info }],
      info,
    ],
  ])('%s', async (_, states, expected) => {
    expect(await turned(...states)).toEqual(expected);
  });
});
