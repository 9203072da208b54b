import { errorCodes, HoldfastError } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { wireError } from '../src/wire-error.ts';

const secret = 'redis://user:secret@10.0.0.1 refused';
const faults = ['internal', 'unavailable'] as const;

it.each(faults)(
  'HF-ERR-1, HF-ERR-2: of a fault that is %s neither words nor cause leave the process',
  (code) => {
    const cause = new Error(secret);
    const error = new HoldfastError(code, `unable to append: ${secret}`, { cause, retryMs: 500 });
    expect(error.cause).toBe(cause);
    const wire = wireError(error);
    expect(wire).toEqual({
      code,
      message: expect.stringMatching(/^unable to .*try again/),
      retryMs: 500,
    });
    expect(JSON.stringify(wire)).not.toContain('secret');
  },
);

const refusals = Object.keys(errorCodes).filter((code) => !faults.some((fault) => fault === code));

it.each(refusals)(
  'HF-ERR-1: of a refusal, %s, clients are told why, and a wait only where there is one',
  (code) => {
    const error = new HoldfastError(code as 'conflict', 'unable to follow: already so; stop it', {
      cause: new Error(secret),
    });
    expect(wireError(error)).toEqual({ code, message: 'unable to follow: already so; stop it' });
  },
);

it('HF-ERR-1: a conflict says why to programs too', () => {
  const error = new HoldfastError('conflict', 'unable to send: too late', { reason: 'outdated' });
  expect(wireError(error)).toEqual({
    code: 'conflict',
    message: 'unable to send: too late',
    reason: 'outdated',
  });
});
