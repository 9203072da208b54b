import { inspect } from 'node:util';
import { HoldfastError } from '@holdfast/protocol';
import { APICallError, InvalidPromptError, RetryError, TypeValidationError } from 'ai';
import { expect, it, vi } from 'vitest';
import { guardedReport } from '../src/guarded.ts';
import { redacted } from '../src/redact.ts';

const word = 'rhubarb';

const apiError = () =>
  new APICallError({
    message: `Invalid content: ${word}`,
    url: `https://api.example/v1?key=${word}`,
    requestBodyValues: { messages: [{ content: word }] },
    responseHeaders: { 'set-cookie': word },
    responseBody: `{"error":{"message":"${word}"}}`,
    statusCode: 429,
    isRetryable: true,
    cause: new Error(`socket hang up, password=${word}`),
  });

const parseError = (): unknown => {
  try {
    return JSON.parse(`{"${word}": ${word}}`);
  } catch (error) {
    return error;
  }
};

class DriverError extends Error {
  readonly query = `insert ${word}`;
  readonly code = '23505';
}

const withProperty = (): Error =>
  Object.assign(new Error('no'), { headers: { authorization: word }, data: word });

const cases: readonly (readonly [string, () => unknown])[] = [
  ['an error of a provider', apiError],
  [
    'a list of them',
    () => new RetryError({ message: word, reason: 'errorNotRetryable', errors: [apiError()] }),
  ],
  ['a prompt that does not fit', () => new InvalidPromptError({ prompt: word, message: word })],
  [
    'a value that does not fit',
    () => TypeValidationError.wrap({ value: { word }, cause: new Error('no') }),
  ],
  ['a text that is no JSON', parseError],
  ['an answer of HTTP', () => Object.assign(new Error(`400 ${word}`), { status: 400 })],
  ['a driver’s error', () => new DriverError('duplicate key')],
  ['an error with more in it', withProperty],
  [
    'one below another',
    () => new HoldfastError('internal', 'unable to answer: no', { cause: apiError() }),
  ],
  ['several at once', () => new AggregateError([apiError(), apiError()], 'all failed')],
  ['a URL with a password', () => new Error(`connect to redis://user:${word}@host:6379 failed`)],
  ['a token', () => new Error(`sent Authorization: Bearer ${word} and got no answer`)],
  [
    'a command that Redis does not know',
    () => new Error(`ERR unknown command 'X', with args beginning with: '${word}'`),
  ],
  ['a text', () => `${word}`],
  ['an object', () => ({ message: word, prompt: word })],
  [
    'words that look like a place',
    () => Object.assign(new Error(`no\n    at ${word}`), { status: 1 }),
  ],
  [
    'an error that cannot be looked at',
    () =>
      new Proxy(new Error(word), {
        get: () => {
          throw new Error(word);
        },
      }),
  ],
  [
    'one that is its own cause',
    () => {
      const error = apiError();
      Object.assign(error, { cause: error });
      return error;
    },
  ],
];

it.each(cases)('HF-ERR-3: a report of %s has no contents in it', (_, make) => {
  const told = redacted(make());
  const texts = [
    inspect(told, { depth: 20, showHidden: true, getters: false }),
    String(told.stack),
    JSON.stringify(told),
    JSON.stringify(Object.getOwnPropertyDescriptors(told)),
  ];
  for (const text of texts) expect(text).not.toContain(word);
  expect(told).toBeInstanceOf(Error);
});

it('HF-ERR-3: a report keeps what tells the fault: class, code, status, place, cause', () => {
  const given = apiError();
  const told = redacted(given);
  expect(told).toBeInstanceOf(APICallError);
  expect(APICallError.isInstance(told)).toBe(true);
  expect(told).toMatchObject({ name: 'AI_APICallError', statusCode: 429, isRetryable: true });
  expect(told.stack).toMatch(/^AI_APICallError: .*\n {4}at .*redact\.test\.ts/);
  expect(told.cause).toMatchObject({ message: 'socket hang up, password=***' });
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:6379'), {
    ...{ code: 'ECONNREFUSED', syscall: 'connect' },
  });
  const fault = redacted(new HoldfastError('unavailable', 'unable to append: no', { cause }));
  expect(HoldfastError.is(fault)).toBe(true);
  expect(fault).toMatchObject({ code: 'unavailable', message: 'unable to append: no' });
  expect(fault.cause).toMatchObject({ code: 'ECONNREFUSED', message: cause.message });
  const own = redacted(new RangeError('the answer has 7 parts'));
  expect(own).toBeInstanceOf(RangeError);
  expect(own.message).toBe('the answer has 7 parts');
});

it.each([
  [
    'throws',
    () => {
      throw new Error(`listener ${word}=`);
    },
  ],
  ['rejects', () => Promise.reject(new Error('listener'))],
])('a report that %s disturbs nobody, and the console is told', async (_, report) => {
  const console_ = vi.spyOn(console, 'error').mockImplementation(() => {});
  const guarded = guardedReport(report as () => void);
  expect(() => guarded(apiError(), { session: 's1', run: 'r1' })).not.toThrow();
  await vi.waitFor(() => expect(console_).toHaveBeenCalledTimes(2));
  expect(console_.mock.calls[0]).toEqual([
    'holdfast (session s1, run r1):',
    expect.objectContaining({ name: 'AI_APICallError' }),
  ]);
  console_.mockRestore();
});
