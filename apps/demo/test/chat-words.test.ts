import { describe, expect, test } from 'vitest';
import { agoOf } from '../lib/ago.ts';
import { placesOf } from '../lib/places.ts';
import { otherWays, sending, waitingWords } from '../lib/sending.ts';
import { sentenceOf } from '../lib/tool-sentences.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { turnsOf } from '../lib/turns.ts';
import { endingWords, wayOnLabels, waysOn } from '../lib/way-on.ts';

const message = (id: string, role: ChatMessage['role']): ChatMessage => ({ id, role, parts: [] });
const chat = ['u1', 'a1', 'u2', 'u3', 'a3', 'a4'].map((id) =>
  message(id, id.startsWith('u') ? 'user' : 'assistant'),
);

test.each([
  ['stopped', 'newest', 'Stopped here', ['Continue', 'Try again']],
  ['failed', 'newest', 'Broke off here', ['Try again']],
  ['lost', 'newest', 'Broke off here: its writer has died', ['Try again']],
  ['stopped', 'superseded', 'Stopped here', ['Go to the newer answer']],
  ['failed', 'superseded', 'Broke off here', ['Go to the newer answer']],
  ['lost', 'superseded', 'Broke off here: its writer has died', ['Go to the newer answer']],
] as const)('an answer that is %s and %s: "%s", and %j', (ending, place, words, labels) => {
  expect(endingWords[ending]).toBe(words);
  expect(waysOn(ending, place).map((way) => wayOnLabels[way])).toEqual(labels);
});

test('an answer is superseded by what answers a later question, not by one beside it', () => {
  expect([...placesOf(chat)]).toEqual(
    expect.arrayContaining([
      ['a1', { place: 'superseded', newer: 'a3' }],
      ['a3', { place: 'newest', newer: undefined }],
      ['a4', { place: 'newest', newer: undefined }],
    ]),
  );
  expect(placesOf(chat.slice(0, 3)).get('a1')).toEqual({ place: 'superseded', newer: undefined });
});

test('a turn is a question with what came of it', () => {
  const idsOf = (messages: readonly ChatMessage[]) =>
    turnsOf(messages).map((turn) => turn.map(({ id }) => id).join(' '));
  expect(idsOf(chat)).toEqual(['u1 a1', 'u2', 'u3 a3 a4']);
  expect(idsOf(chat.slice(1, 3))).toEqual(['a1', 'u2']);
});

describe('what is written while an answer is', () => {
  test.each([
    ['ask', 'Send', 'Asked at once'],
    ['steer', 'Add now', 'The model reads it at its next step'],
    ['queue', 'Send', 'Asked when what goes before it is answered'],
  ] as const)('%s: "%s", %s', (way, label, hint) => {
    expect(sending[way]).toMatchObject({ label, hint });
  });

  test('can become one of these instead, and waits as one of these', () => {
    expect(Object.values(otherWays).map(({ label }) => label)).toEqual([
      'Queue',
      'Interrupt',
      'Start over',
      'Beside',
    ]);
    expect(waitingWords).toEqual({
      unsent: 'Not sent yet',
      sent: 'Sent',
      told: 'Told at the next step',
      next: 'Next',
      later: 'Then',
    });
  });
});

test.each([
  ['weather', { city: 'Oslo' }, 'Look up the weather in Oslo'],
  ['weather', { city: '' }, null],
  ['weather', { city: 'x'.repeat(61) }, null],
  ['weather', undefined, null],
  ['book', { restaurant: 'The Lantern', guests: 2 }, 'Book a table for 2 at The Lantern'],
  ['book', { restaurant: 'The Lantern' }, null],
  ['location', {}, 'Ask the browser where you are'],
  ['survey', {}, 'Count the ships in the harbour'],
  ['toString', {}, null],
  ['unheard of', { city: 'Oslo' }, null],
])('a call of %s with %j is said as %j', (tool, input, sentence) => {
  expect(sentenceOf(tool, input)).toBe(sentence);
});

test.each([
  [-5, 'just now'],
  [59_999, 'just now'],
  [60_000, '1 minute ago'],
  [3_600_000, '1 hour ago'],
  [86_400_000, 'yesterday'],
  [3 * 86_400_000, '3 days ago'],
])('%s ms are told as "%s"', (ms, words) => {
  expect(agoOf(0, ms)).toBe(words);
});
