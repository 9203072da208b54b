import { describe, expect, it } from 'vitest';
import type { QueuedSend } from '../src/entries.ts';
import { queueEntry, reordered, shownInQueue, withOrder, withoutConsumed } from '../src/queue.ts';

const message = (id: string) => ({ id, role: 'user', parts: [] });
const send = (id: string, more: Partial<QueuedSend> = {}): QueuedSend => ({
  id,
  messages: [message(`m-${id}`)],
  by: { id: 'u', role: 'user' },
  at: 7,
  ...more,
});
const steered = (id: string) => send(id, { run: 'r' });
const idsOf = (queue: readonly QueuedSend[]) => queue.map(({ id }) => id);

describe('HF-HTTP-22: a send takes its place', () => {
  it.each([
    ['queue', [], ['n']],
    ['queue', [send('a'), send('b')], ['a', 'b', 'n']],
    ['latest', [send('a'), steered('b')], ['n']],
    ['steer', [], ['n']],
    ['steer', [steered('a'), send('b'), steered('c')], ['a', 'c', 'n', 'b']],
    ['merge', [], ['n']],
    ['merge', [send('a'), send('b', { by: { id: 'v', role: 'user' } })], ['a', 'b', 'n']],
    ['merge', [send('b'), steered('a')], ['b', 'a', 'n']],
  ] as const)('%s', (queueing, queue, order) => {
    const add = send('n');
    expect(queueEntry(queue, add, queueing)).toEqual({ k: 'queue', order, add, at: 7 });
  });

  it('merge adds to the last one of the same author', () => {
    const entry = queueEntry([send('a'), send('b')], send('n', { at: 9 }), 'merge');
    expect(entry.order).toEqual(['a', 'b']);
    expect(entry.add).toEqual(send('b', { messages: [message('m-b'), message('m-n')], at: 9 }));
    expect(entry.at).toBe(9);
  });

  it('merge knows nobody as one author too', () => {
    const anonymous = (id: string) => ({ id, messages: [message(id)], at: 0 });
    expect(queueEntry([anonymous('a')], anonymous('n'), 'merge').order).toEqual(['a']);
    expect(queueEntry([anonymous('a')], send('n'), 'merge').order).toEqual(['a', 'n']);
  });
});

describe('the queue that an entry leaves', () => {
  const queue = [send('a'), send('b')];

  it('has what is known in its order, each once', () => {
    const entry = { k: 'queue', order: ['b', 'unknown', 'a', 'b'], at: 0 } as const;
    expect(idsOf(withOrder(queue, entry))).toEqual(['b', 'a']);
    expect(idsOf(withOrder(queue, { ...entry, order: [] }))).toEqual([]);
  });

  it('has what is new, and what has changed as it is now', () => {
    const changed = send('a', { messages: [] });
    expect(withOrder(queue, { k: 'queue', order: ['a', 'b'], add: changed, at: 0 })).toEqual([
      changed,
      send('b'),
    ]);
    expect(
      idsOf(withOrder(queue, { k: 'queue', order: ['a', 'b', 'c'], add: send('c'), at: 0 })),
    ).toEqual(['a', 'b', 'c']);
  });

  it('is the same where the entry has no order', () => {
    expect(withOrder(queue, { k: 'queue', at: 0 } as never)).toBe(queue);
  });
});

describe('what reached the model of its run waits no longer', () => {
  const queue = [send('a'), steered('b'), steered('c')];

  it.each(['steering-message', 'data-steering'])('as %s says', (type) => {
    const left = withoutConsumed(queue, [{ type, id: 'm-b' }]);
    expect(idsOf(left)).toEqual(['a', 'c']);
  });

  it.each([
    ['other chunks', [{ type: 'text-delta', id: 'm-b' }]],
    ['one that was meant for no run', [{ type: 'steering-message', id: 'm-a' }]],
    ['one that is not in the queue', [{ type: 'steering-message', id: 'x' }]],
    ['no chunks', []],
  ])('and with %s nothing changes', (_, chunks) => {
    expect(withoutConsumed(queue, chunks)).toBe(queue);
  });
});

it('clients are not told what is for whoever starts the run', () => {
  expect(shownInQueue(send('a', { hidden: 'secret' }))).toEqual(send('a'));
});

describe('HF-HTTP-23: an order that somebody wants', () => {
  const queue = [send('a'), send('b'), send('c')];

  it.each([
    ['some first', { order: ['c', 'b'] }, ['c', 'b', 'a']],
    ['unknown ones, or one twice', { order: ['x', 'b', 'b'] }, ['b', 'a', 'c']],
    ['some out', { remove: ['a', 'x'] }, ['b', 'c']],
    ['one first and out', { order: ['b'], remove: ['b'] }, ['a', 'c']],
    ['nothing', {}, ['a', 'b', 'c']],
  ])('%s', (_, change, order) => {
    expect(reordered(queue, change)).toEqual(order);
  });
});
