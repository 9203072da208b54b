import { HoldfastError } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import type { OwnSend, SendState } from '../../src/contract/session.ts';
import { isOver, isUnderWay } from '../../src/session/own-send.ts';
import { createPendingActions } from '../../src/session/pending-actions.ts';

const refused: SendState = { error: new HoldfastError('forbidden', 'not you') };
const states: readonly SendState[] = ['made', 'waiting', 'sending', refused, 'taken', 'withdrawn'];
const nameOf = (state: SendState): string => (typeof state === 'object' ? 'refused' : state);

test.each(
  states.flatMap((from) => states.map((to) => [nameOf(from), nameOf(to), from, to] as const)),
)('a send that is %s, moved to %s', (fromName, _, from, to) => {
  const isFinal = fromName === 'taken' || fromName === 'withdrawn';
  const send: OwnSend = { command: 'c', state: from };
  createPendingActions(() => {}).move(send, to);
  expect(send.state).toBe(isFinal ? from : to);
});

test('only what the server has, or the user took back, is over', () => {
  expect(states.filter(isOver)).toEqual(['taken', 'withdrawn']);
});

test('only what was refused is not under way, and a stream that is asked for is', () => {
  const acts = states.map((state): OwnSend => ({ command: 'c', state }));
  expect(acts.filter((act) => !isUnderWay(act))).toEqual([{ command: 'c', state: refused }]);
  expect(isUnderWay({})).toBe(true);
});

test('each move of a send is told, and what shows it ends by itself', () => {
  let told = 0;
  const { acts, begin, move } = createPendingActions(() => {
    told++;
  });
  const send: OwnSend = { command: 'c', state: 'made' };
  const end = begin(send);
  expect([...acts]).toEqual([send]);
  move(send, 'waiting');
  move(send, 'withdrawn');
  move(send, 'taken');
  expect(send.state).toBe('withdrawn');
  end();
  expect(acts.size).toBe(0);
  expect(told).toBe(5);
});

test('of the commands whose runs a user left the last eight are known', () => {
  const { left, leave } = createPendingActions(() => {});
  for (let at = 0; at < 10; at++) leave(`c${at}`);
  expect(left).toEqual(['c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9']);
});
