import type { Message } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { isSameContent, isSameText, isSoFar, steersIn } from '../../src/session/words.ts';

const said = (...parts: readonly unknown[]): Message =>
  ({ id: 'm', role: 'user', parts }) as unknown as Message;
const text = (words: string) => ({ type: 'text', text: words });
const file = (url: string) => ({ type: 'file', mediaType: 'image/png', url });
const data = (value: unknown) => ({ type: 'data-place', data: value });

describe('a page shows a message as the session has it', () => {
  it('where each part has the same kind, text, address and data', () => {
    const stored = said(text('a'), file('https://x/1'), data({ at: [1] }));
    const same = said({ ...text('a'), state: 'done' }, file('https://x/1'), data({ at: [1] }));
    expect(isSameContent('s', stored, same)).toBe(true);
    expect(isSameContent('s', said(), said())).toBe(true);
    const [first, second, third] = stored.parts;
    const others = [
      [text('b'), second, third],
      [{ type: 'reasoning', text: 'a' }, second, third],
      [first, file('https://x/2'), third],
      [first, second, data({ at: [2] })],
      [first, second],
      [first, second, third, text('more')],
      [second, first, third],
    ];
    for (const parts of others) {
      const shown = said(...parts);
      expect([parts, isSameContent('s', stored, shown)]).toEqual([parts, false]);
      expect([parts, isSameContent('s', shown, stored)]).toEqual([parts, false]);
    }
  });

  it('also with what is no part in between', () => {
    expect(isSameContent('s', said(text('a')), said(null, text('a'), 7))).toBe(true);
  });
});

it('the words of a message are those of its texts, one behind the other', () => {
  const stored = said(
    text('one '),
    file('https://x'),
    { type: 'reasoning', text: 'no' },
    text('two'),
  );
  expect(isSameText(stored, said(text('one two')))).toBe(true);
  expect(isSameText(stored, said(text('one ')))).toBe(false);
  expect(isSoFar(stored, said(text('one')))).toBe(true);
  expect(isSoFar(stored, said())).toBe(true);
  expect(isSoFar(stored, said(text('two')))).toBe(false);
  expect(isSoFar(said(text('one')), stored)).toBe(false);
});

it('the messages that have reached an agent are named by the parts that say so', () => {
  const steers = (type: string) => said({ type, id: 'a' }, { type }, { type, id: 7 }, text('x'));
  expect(steersIn(steers('steering-message'))).toEqual(['a']);
  expect(steersIn(steers('data-place'))).toEqual([]);
});
