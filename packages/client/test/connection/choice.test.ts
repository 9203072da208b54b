import { expect, test } from 'vitest';
import {
  type CarrierChoice,
  type CarrierEvent,
  carrierOf,
  choices,
} from '../../src/connection/carrier/choice.ts';

const events: readonly CarrierEvent[] = ['greeted', 'failed', 'found', 'stuck'];

/** Each choice, what it carries by, and where each event leads. */
const cases: readonly [CarrierChoice, 'socket' | 'http', ...(CarrierChoice | '')[]][] = [
  ['auto', 'socket', 'socket-kept', 'http-instead', '', ''],
  ['http-instead', 'http', 'http-kept', 'auto', '', ''],
  ['http-kept', 'http', '', 'auto', 'found', ''],
  ['found', 'socket', 'socket-kept', 'http-instead', '', ''],
  ['socket-kept', 'socket', '', '', '', 'http-instead'],
  ['socket', 'socket', '', '', '', ''],
  ['http', 'http', '', '', '', ''],
];

test.each(cases)('HF-CAR-2 %s is carried by %s', (...row) => {
  const [choice, carrier, ...next] = row as [CarrierChoice, string, ...string[]];
  expect(carrierOf(choice)).toBe(carrier);
  expect(events.map((event) => choices[choice][event] ?? '')).toEqual(next);
});

test('HF-CAR-2 the table is whole', () => {
  expect(Object.keys(choices)).toEqual(cases.map(([choice]) => choice));
});

test('HF-CAR-2 only what has worked is kept', () => {
  const after = (...path: readonly CarrierEvent[]): CarrierChoice =>
    path.reduce<CarrierChoice>((choice, event) => choices[choice][event] ?? choice, 'auto');
  expect(after('failed', 'failed', 'failed', 'failed')).toBe('auto');
  expect(after('failed', 'failed', 'greeted', 'failed', 'failed')).toBe('socket-kept');
  expect(after('failed', 'greeted', 'found', 'greeted', 'failed')).toBe('socket-kept');
  expect(after('failed', 'greeted', 'found', 'failed', 'greeted')).toBe('http-kept');
});

test('HF-CAR-9 a socket that has worked is given up for HTTP late, and what works then is kept', () => {
  const after = (...path: readonly CarrierEvent[]): CarrierChoice =>
    path.reduce<CarrierChoice>((choice, event) => choices[choice][event] ?? choice, 'auto');
  expect(after('greeted', 'failed', 'failed')).toBe('socket-kept');
  expect(after('greeted', 'failed', 'stuck', 'greeted')).toBe('http-kept');
  expect(after('greeted', 'failed', 'stuck', 'greeted', 'found', 'greeted')).toBe('socket-kept');
  expect(after('greeted', 'failed', 'stuck', 'failed')).toBe('auto');
});
