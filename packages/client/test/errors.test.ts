import { closeCodes, type ErrorCode, errorCodes } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { gaveUp, mayPass } from '../src/errors.ts';

test('the codes that may be tried again are those of the table (HF-ERR-1)', () => {
  for (const [code, { retry }] of Object.entries(errorCodes))
    expect(mayPass(code as ErrorCode), code).toBe(retry === 'after');
  expect(mayPass('of a later version' as ErrorCode)).toBe(false);
});

test('a connection that is given up says by which close code, and what to look at', () => {
  expect(gaveUp(closeCodes.unauthorized.code)).toMatchObject({
    code: 'unauthorized',
    message: 'unable to connect: closed with 4401',
  });
  expect(gaveUp(closeCodes.forbidden.code)).toMatchObject({ code: 'forbidden' });
});
