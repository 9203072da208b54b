import { type ErrorCode, errorCodes } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { mayPass } from '../src/errors.ts';

test('the codes that may be tried again are those of the table (HF-ERR-1)', () => {
  for (const [code, { retry }] of Object.entries(errorCodes))
    expect(mayPass(code as ErrorCode), code).toBe(retry === 'after');
  expect(mayPass('of a later version' as ErrorCode)).toBe(false);
});
