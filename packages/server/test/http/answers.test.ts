import type { Durability, LogDurability } from '@holdfast/log';
import { errorCodes, HoldfastError } from '@holdfast/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import { empty, errorResponse, refusedAs, withDurability } from '../../src/http/answers.ts';

it.each([
  [undefined, null],
  [0, '0'],
  [1, '1'],
  [999, '1'],
  [1_000, '1'],
  [1_001, '2'],
  [2_000, '2'],
])('a refusal with %j ms until the next try says that in whole seconds: %j', (retryMs, says) => {
  const error = { code: 'rate', message: 'unable to go on: wait' } as const;
  const response = refusedAs(retryMs === undefined ? error : { ...error, retryMs });
  expect(response.status).toBe(errorCodes.rate.status);
  expect(response.headers.get('retry-after')).toBe(says);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

it.each<[name: string, error: unknown, code: keyof typeof errorCodes, isReported: boolean]>([
  ['a refusal', new HoldfastError('forbidden', 'unable to read: no'), 'forbidden', false],
  ['a log that is away', new HoldfastError('unavailable', 'unable to ask'), 'unavailable', true],
  ['a fault', new HoldfastError('internal', 'unable to go on'), 'internal', true],
  ['any other error', new Error('secret'), 'internal', true],
  ['what only looks like one', { name: 'HoldfastError', code: 'toString' }, 'internal', true],
  ['nothing', undefined, 'internal', true],
])(
  'the answer to %s has its status, and operators are told of faults',
  async (_, error, code, isReported) => {
    const reports: unknown[] = [];
    const core = createCore({
      authorize: () => ({ id: 'p' }),
      onError: (reported) => reports.push(reported),
    });
    onTestFinished(() => core.close());
    const response = errorResponse(core, error);
    expect(response.status).toBe(errorCodes[code].status);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(text).not.toContain('secret');
    expect(reports).toHaveLength(isReported ? 1 : 0);
  },
);

it('a fault that nobody expected may be over in a second', async () => {
  const core = createCore({ authorize: () => ({ id: 'p' }), onError: () => {} });
  onTestFinished(() => core.close());
  const response = errorResponse(core, new Error('secret'));
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await response.json()).toMatchObject({ error: { retryMs: 1_000 } });
});

it.each<[LogDurability | undefined, Durability | undefined, string | null]>([
  [undefined, 'fsync', null],
  ['memory', undefined, 'memory'],
  ['memory', 'fsync', 'memory'],
  ['redis', undefined, 'redis'],
  ['redis', 'fsync', 'fsync'],
  ['fsync', 'redis', 'fsync'],
])(
  'HF-LOG-44: what a send has survived is told, in a log that is %j where %j was asked for: %j',
  (has, asked, says) => {
    const answer = withDurability(empty(), { log: { durability: has } } as unknown as Core, asked);
    expect(answer.headers.get('x-holdfast-durability')).toBe(says);
    expect(answer.status).toBe(204);
  },
);
