import { expect, test } from 'vitest';
import { errorCodes, HoldfastError } from '../src/errors.ts';

test('an error without a cause has no member of that name', () => {
  expect(new HoldfastError('internal', 'unable to go on')).not.toHaveProperty('cause');
});

test('an error is known by its name, also when another copy of the package made it', () => {
  class HoldfastErrorOfAnotherCopy extends Error {
    override readonly name = 'HoldfastError';
    readonly code = 'rate';
  }
  expect(HoldfastError.is(new HoldfastError('rate', 'unable to send: too fast'))).toBe(true);
  expect(HoldfastError.is(new HoldfastErrorOfAnotherCopy())).toBe(true);
});

test.each([
  undefined,
  null,
  'HoldfastError',
  new Error('HoldfastError'),
  { name: 'HoldfastError', code: 'rate', message: 'plain' },
])('nothing else is taken for one: %s', (value) => {
  expect(HoldfastError.is(value)).toBe(false);
});

test('only a code that may be tried again has a status that says so (HF-ERR-1)', () => {
  for (const [code, { status, retry }] of Object.entries(errorCodes)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    if (retry === 'after') expect([429, 500, 503], code).toContain(status);
  }
});
