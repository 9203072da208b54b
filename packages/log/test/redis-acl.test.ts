import { readFileSync } from 'node:fs';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { newPrefix, redisUnderTest } from './support/redis-under-test.ts';

/** The rules of the documentation, with the patterns of a test. */
const documented = (pattern: string): string[] => {
  const text = readFileSync(new URL('../../../docs/deploy.md', import.meta.url), 'utf8');
  const [, rules = ''] = /^ACL SETUSER holdfast on >\S+\n([\s\S]*?)^```/m.exec(text) ?? [];
  return rules
    .trim()
    .split(/\s+/)
    .map((rule) => rule.replace('holdfast:*', pattern));
};

const admin = new Redis(inject('redisUrl'));
const names: string[] = [];

async function urlOf(rules: readonly string[]): Promise<string> {
  const name = `user-${crypto.randomUUID()}`;
  names.push(name);
  await admin.call('ACL', 'SETUSER', name, 'on', '>word', ...rules);
  return inject('redisUrl').replace('redis://', `redis://${name}:word@`);
}

let url = '';
beforeAll(async () => {
  // What tests begin their prefixes with.
  url = await urlOf(documented('t*'));
});
afterAll(async () => {
  await admin.call('ACL', 'DELUSER', ...names);
  admin.disconnect();
});

sessionLogConformance('S14: the Redis log under the documented rights', async (limits) =>
  redisUnderTest(url, admin, limits),
);

it('S14: what is documented is what the scripts use, and ready asks for all of it', async () => {
  const log = createRedisLog({ redis: url, prefix: newPrefix() });
  onTestFinished(() => log.close());
  await log.ready();
});

it.each([
  ['FLUSHALL', []],
  ['FLUSHDB', []],
  ['KEYS', ['*']],
  ['SCAN', ['0']],
  ['CONFIG', ['GET', '*']],
  ['ACL', ['LIST']],
  ['CLIENT', ['LIST']],
  ['MONITOR', []],
  ['SCRIPT', ['FLUSH']],
  ['DEBUG', ['SLEEP', '0']],
  ['SHUTDOWN', ['NOSAVE']],
  ['REPLICAOF', ['NO', 'ONE']],
  ['FUNCTION', ['FLUSH']],
  ['DUMP', ['t-key']],
  ['GET', ['another-key']],
  ['SET', ['another-key', 'x']],
  ['PUBLISH', ['another-channel', 'x']],
  ['SUBSCRIBE', ['another-channel']],
  ['PSUBSCRIBE', ['*']],
  ['EVAL', ["return redis.call('GET', 'another-key')", '0']],
  ['EVAL', ["return redis.call('KEYS', '*')", '0']],
  ['EVAL', ["return redis.call('PUBLISH', 'another-channel', 'x')", '0']],
])('S14: the documented user is refused %s %j', async (command, args) => {
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  await expect(client.call(command, ...args)).rejects.toThrow(
    /NOPERM|ACL|No permissions|user executing the script can't/i,
  );
});

const withoutRule = (gone: RegExp) => documented('t*').filter((rule) => !gone.test(rule));

const lacking: readonly (readonly [string, () => string[]])[] = [
  ['no channels', () => withoutRule(/^&/)],
  ['other channels', () => documented('t*').map((rule) => rule.replace('&t', '&other'))],
  ['other keys', () => documented('t*').map((rule) => rule.replace('~t', '~other'))],
  ...[
    ...['publish', 'subscribe', 'xadd', 'xtrim', 'hrandfield', 'lset', 'zscore', 'setrange'],
    ...['pttl', 'evalsha'],
  ].map((name) => [`no right to ${name}`, () => withoutRule(new RegExp(`^\\+${name}$`))] as const),
];

it.each(lacking)(
  'S14: `ready` refuses a user with %s, with words, and leaves nothing',
  async (_, rules) => {
    const prefix = newPrefix();
    const log = createRedisLog({ redis: await urlOf(rules()), prefix });
    onTestFinished(() => log.close());
    await expect(log.ready()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(
        /^unable to .*docs\/deploy\.md lists what its user has to be allowed$/,
      ),
    });
    for (const key of await admin.keys(`${prefix}:*`))
      expect(await admin.pttl(key)).toBeGreaterThan(0);
  },
);

it('a failover that Sentinels tell is looked for where they are', async () => {
  const redis = new Redis({
    ...{ sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'main', lazyConnect: true },
  });
  onTestFinished(() => redis.disconnect());
  const log = createRedisLog({ redis });
  onTestFinished(() => log.close());
  const error: unknown = await log.ready().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(String(error)).toContain(
    'Redis at the master "main" that the Sentinels at 127.0.0.1:1 tell',
  );
  expect(String(error)).not.toContain('localhost');
});
