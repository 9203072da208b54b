import { defaultLimits, type Limits } from '@holdfast/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { createHoldfast, type HoldfastOptions } from '../src/index.ts';
import { limitsOf } from '../src/limits-of.ts';

it.each<readonly [string, unknown, RegExp]>([
  ['the address of a REST API', { redis: 'https://u:secret@host' }, /`redis` .*https:\/\//],
  ['no address', { redis: 'the secret' }, /`redis` is no URL/],
  ['another client', { redis: { options: {}, get: () => 'secret' } }, /`redis` is neither a URL/],
  ['keys that are none', { encryption: { key: 'secret' } }, /`encryption` has no list of keys/],
  [
    'a key as text',
    { encryption: { keys: [{ id: 'k', key: 'secret' }] } },
    /the key "k" is a text/,
  ],
  ['nothing', { encryption: null }, /`encryption` has no list of keys/],
  ['a limit that is no number', { limits: { leaseMs: Number.NaN } }, /limits\.leaseMs is NaN/],
  ['a lease without end', { limits: { leaseMs: Infinity } }, /limits\.leaseMs is Infinity.*whole/],
  ['a lease in parts', { limits: { dispatchMs: 1_000.5 } }, /limits\.dispatchMs is 1000\.5/],
  ['claims that nobody has', { limits: { claimMs: 0 } }, /limits\.claimMs is 0.*from 1 on/],
  ['a limit as text', { limits: { connections: '9' } }, /limits\.connections is 9, which is no/],
])('a server is refused as it is made: %s', (_, options, words) => {
  const make = () => createHoldfast({ ...(options as HoldfastOptions), prefix: 'refused' });
  expect(make).toThrow(words);
  expect(make).not.toThrow(/secret/);
});

it('a limit whose value is not there has its default', () => {
  const unset = { retentionMs: undefined, framesBurst: undefined, subscriptions: undefined };
  const given = unset as unknown as Partial<Limits>;
  expect(limitsOf(given)).toEqual(defaultLimits);
  expect(limitsOf({ ...given, pollMs: 7 })).toEqual({ ...defaultLimits, pollMs: 7 });
});

it('one whose Redis is away says so at `ready`, and at the first request, to nobody but who runs it', async () => {
  const errors: unknown[] = [];
  const holdfast = createHoldfast({
    redis: 'redis://:secret@127.0.0.1:1',
    prefix: `away-${crypto.randomUUID()}`,
    authorize: () => ({ id: 'ann' }),
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => holdfast.close());
  const words = /Redis at 127\.0\.0\.1:1: .*look whether it runs there/;
  const request = new Request('http://localhost/api/chat/s');
  const response = await holdfast.handle(request, { path: ['s'] });
  expect(response.status).toBe(503);
  expect(await response.text()).not.toMatch(/127|Redis|secret/);
  await expect.poll(() => errors.map(String).join()).toMatch(words);
  await expect(holdfast.ready()).rejects.toThrow(words);
  expect(errors.map(String).join()).not.toContain('secret');
});
