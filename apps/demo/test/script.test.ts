import { describe, expect, test } from 'vitest';
import { script } from '../lib/scripted-model/script.ts';
import { type Call, situationOf } from '../lib/scripted-model/situation.ts';
import { tour } from '../lib/scripted-model/texts.ts';
import { continuing } from '../lib/way-on.ts';

type Prompt = Call['prompt'];
const user = (text: string): Prompt[number] => ({
  role: 'user',
  content: [{ type: 'text', text }],
});
const says = (text: string): Prompt[number] => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
});
const calls = (toolName: string): Prompt[number] => ({
  role: 'assistant',
  content: [
    { type: 'text', text: 'I will look.' },
    { type: 'tool-call', toolCallId: '1', toolName, input: {} },
  ],
});
type Output = Extract<Prompt[number], { role: 'tool' }>['content'][number] & {
  type: 'tool-result';
};
const gives = (toolName: string, output: Output['output']): Prompt[number] => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId: '1', toolName, output }],
});
const json = (value: object): Output['output'] => ({ type: 'json', value: value as never });

const textOf = (...prompt: Prompt): string =>
  script(situationOf({ prompt }))
    .map((step) => (step.do === 'write' ? step.text : ''))
    .join('');
const callsOf = (...prompt: Prompt): string[] =>
  script(situationOf({ prompt })).flatMap((step) => (step.do === 'call' ? [step.tool] : []));

const weather = json({ city: 'Oslo', sky: 'fog', celsius: 4, windKmh: 9 });
const asked = [user('What is the weather in Oslo?'), calls('weather'), gives('weather', weather)];
const counted = [
  user('A survey of the harbour'),
  calls('survey'),
  gives('survey', json({ ships: 17 })),
];

describe('what is added while a tool is at work', () => {
  test.each([
    ['the weather', asked, /fog.*4 °C/],
    ['a survey', counted, /17.*ships/],
    [
      'a place',
      [
        user('Where am I?'),
        calls('location'),
        gives('location', json({ latitude: 1, longitude: 2 })),
      ],
      /1, 2/,
    ],
    [
      'a booking',
      [
        user('Book a table'),
        calls('book'),
        gives('book', json({ table: 7, restaurant: 'The Lantern' })),
      ],
      /7/,
    ],
  ])('about its form, shortens the answer to the question: %s', (_, prompt, answer) => {
    const text = textOf(...prompt, user('In one line, please'));
    expect(text).toMatch(answer);
    expect(text).not.toContain('\n');
    expect(text).not.toContain(tour.slice(0, 20));
  });

  test('about anything else, is taken note of, and the question is answered', () => {
    const text = textOf(...asked, user('I will take the tram'));
    expect(text).toContain('I will take the tram');
    expect(text).toContain('| Temperature | 4 °C |');
  });

  test('as two wishes, is heard twice', () => {
    const text = textOf(...asked, user('I will take the tram'), user('In one line, please'));
    expect(text).toContain('I will take the tram');
    expect(text).toMatch(/fog/);
    expect(text).not.toContain('| Temperature');
  });

  test('as a question of its own, is answered behind the first one', () => {
    const prompt = [...counted, user('And the weather in Oslo?')];
    expect(textOf(...prompt)).toMatch(/17.*ships/);
    expect(callsOf(...prompt)).toEqual(['weather']);
    const then = [...prompt, calls('weather'), gives('weather', weather)];
    expect(textOf(...then)).toContain('| Temperature | 4 °C |');
    expect(textOf(...then)).not.toMatch(/ships/);
  });
});

describe('a wish about the form of an answer that is there', () => {
  test('gives that answer again in one line', () => {
    const text = textOf(...asked, says('It is foggy.'), user('Shorter, please'));
    expect(text).toMatch(/fog.*4 °C/);
    expect(text).not.toContain('\n');
  });

  test('of a long story gives its first sentence', () => {
    const text = textOf(user('Tell me a long story of 300 words'), says('…'), user('in short'));
    expect(text).toMatch(/keeper|lit/);
    expect(text.split('\n')).toHaveLength(1);
  });
});

describe('a new question', () => {
  test('is one, also behind a tool that was stopped', () => {
    const stopped: Output['output'] = { type: 'error-text', value: 'The call was stopped.' };
    const prompt = [user('A survey of the harbour'), calls('survey'), gives('survey', stopped)];
    expect(textOf(...prompt, user('Hello?'))).toBe(tour);
  });

  test('is one behind an answer', () => {
    expect(textOf(...asked, says('It is foggy.'), user('Hello?'))).toBe(tour);
    expect(callsOf(...asked, says('It is foggy.'), user('Where am I?'))).toEqual(['location']);
  });
});

describe('an answer that was stopped', () => {
  const whole = textOf(user('Tell me a long story of 40 words'));
  const words = whole.split(/(?<=\s)(?=\S)/);
  const stopped = [user('Tell me a long story of 40 words'), says(words.slice(0, 10).join(''))];

  test('is continued where it was, as often as it is stopped', () => {
    const first = textOf(...stopped, user(continuing));
    expect(words.slice(0, 10).join('') + first).toBe(whole);
    const further = [...stopped, user(continuing), says(words.slice(10, 15).join(''))];
    expect(textOf(...further, user(continuing))).toBe(words.slice(15).join(''));
  });

  test('and was whole already has no more', () => {
    expect(
      textOf(
        user('Where am I?'),
        says('Your browser knows that. I will ask it.'),
        user(continuing),
      ),
    ).toBe('That was all of it.');
  });
});
