import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type OutboxEffect,
  type OutboxEvent,
  type OutboxState,
  outboxStep,
} from '../../src/outbox/state.ts';

const states = {
  empty: [],
  'a sends': [{ command: 'a', phase: 'sending' }],
  'a sends, b waits': [
    { command: 'a', phase: 'sending' },
    { command: 'b', phase: 'waiting' },
  ],
  'a sends, b and c wait': [
    { command: 'a', phase: 'sending' },
    { command: 'b', phase: 'waiting' },
    { command: 'c', phase: 'waiting' },
  ],
} satisfies Record<string, OutboxState>;

const post = (command: string): OutboxEffect => ({ type: 'post', command });
const drop = (command: string): OutboxEffect => ({ type: 'drop', command });

/** From, event, command, to, effects: every event in every state, for its first, a middle and no command. */
const table: readonly (readonly [
  keyof typeof states,
  OutboxEvent['type'],
  string,
  string,
  readonly OutboxEffect[],
])[] = [
  ['empty', 'added', 'a', 'a!', [post('a')]],
  ['empty', 'settled', 'a', '', []],
  ['empty', 'withdrawn', 'a', '', []],
  ['a sends', 'added', 'a', 'a!', []],
  ['a sends', 'added', 'b', 'a! b', []],
  ['a sends', 'settled', 'a', '', []],
  ['a sends', 'settled', 'b', 'a!', []],
  ['a sends', 'withdrawn', 'a', '', [drop('a')]],
  ['a sends', 'withdrawn', 'b', 'a!', []],
  ['a sends, b waits', 'added', 'b', 'a! b', []],
  ['a sends, b waits', 'added', 'c', 'a! b c', []],
  ['a sends, b waits', 'settled', 'a', 'b!', [post('b')]],
  ['a sends, b waits', 'settled', 'b', 'a!', []],
  ['a sends, b waits', 'withdrawn', 'a', 'b!', [drop('a'), post('b')]],
  ['a sends, b waits', 'withdrawn', 'b', 'a!', [drop('b')]],
  ['a sends, b and c wait', 'settled', 'a', 'b! c', [post('b')]],
  ['a sends, b and c wait', 'withdrawn', 'b', 'a! c', [drop('b')]],
];

const shown = (state: OutboxState): string =>
  state.map(({ command, phase }) => (phase === 'sending' ? `${command}!` : command)).join(' ');

describe('the outbox of a session', () => {
  test.each(table)('%s: %s %s → %s', (from, type, command, to, effects) => {
    const before = states[from];
    const step = outboxStep(before, { type, command });
    expect(shown(step.state)).toBe(to);
    expect(step.effects).toEqual(effects);
  });

  test('whatever happens, one is sent at a time, in the order in which they came, each once', () => {
    const command = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const type = fc.constantFrom('added', 'settled', 'withdrawn');
    const events = fc.array(fc.record({ type, command }), { maxLength: 40 });
    fc.assert(
      fc.property(events, (all) => {
        let state: OutboxState = [];
        const came: string[] = [];
        for (const event of all as OutboxEvent[]) {
          const had = state.some((item) => item.command === event.command);
          const { state: next, effects } = outboxStep(state, event);
          if (event.type === 'added' && !had) came.push(event.command);
          if (event.type !== 'added' && had) came.splice(came.indexOf(event.command), 1);
          expect(next.map((item) => item.command)).toEqual(came);
          expect(next.map(({ phase }) => phase === 'sending')).toEqual(
            came.map((_, at) => at === 0),
          );
          const posts = effects.filter((effect) => effect.type === 'post');
          const isNext = came[0] !== undefined && came[0] !== state[0]?.command;
          expect(posts).toEqual(isNext ? [post(came[0] ?? '')] : []);
          state = next;
        }
      }),
    );
  });
});
