import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeCodes, refusalOf, verdictOf } from '../src/close-codes.ts';

test('every known close code has the verdict of its row (HF-CLOSE-1)', () => {
  for (const { code, verdict } of Object.values(closeCodes)) expect(verdictOf(code)).toBe(verdict);
});

test('an unknown code from 4400 to 4499 ends it, any other resumes (HF-CLOSE-1)', () => {
  const known = new Set(Object.values(closeCodes).map(({ code }) => code));
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 4390, max: 4510 }), fc.integer()), (code) => {
      fc.pre(!known.has(code));
      expect(verdictOf(code)).toBe(code >= 4400 && code <= 4499 ? 'give-up' : 'resume');
    }),
  );
});

test('what is no close code at all resumes', () => {
  for (const code of [Number.NaN, -1, 0, Number.POSITIVE_INFINITY])
    expect(verdictOf(code)).toBe('resume');
});

test('a browser may send every code of our own', () => {
  const own = Object.values(closeCodes).filter(({ code }) => code >= 4000);
  for (const { code } of own) expect(code).toBeLessThan(5000);
});

test('a connection that is given up ends with the error of its close code', () => {
  expect(refusalOf(closeCodes.unauthorized.code)).toBe('unauthorized');
  expect(refusalOf(closeCodes.tokenExpired.code)).toBe('unauthorized');
  expect(refusalOf(closeCodes.forbidden.code)).toBe('forbidden');
  expect(refusalOf(closeCodes.tooBig.code)).toBe('too_large');
  expect(refusalOf(closeCodes.noCommonVersion.code)).toBe('bad_request');
});

test('a status and 4000 are the close code of the same meaning, as the client has it over HTTP', () => {
  const { unauthorized, forbidden, tooMany } = closeCodes;
  expect([401, 403, 429].map((status) => 4_000 + status)).toEqual(
    [unauthorized, forbidden, tooMany].map(({ code }) => code),
  );
});
