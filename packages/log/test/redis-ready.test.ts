import { inspect } from 'node:util';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, it, onTestFinished } from 'vitest';
import { checkHealth } from '../src/redis/health.ts';
import { Writer, type WriterClient } from '../src/redis/writer.ts';
import { logAt, redisFixture } from './support/redis-fixture.ts';

it('`ready` says where it could not connect to, and nothing says the password', async () => {
  const log = logAt('redis://user:secret-word@127.0.0.1:1');
  const error: unknown = await log.ready().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(String(error)).toMatch(/unable to reach Redis: Redis at 127\.0\.0\.1:1: .*ECONNREFUSED/);
  expect(inspect(error, { depth: 10 })).not.toContain('secret-word');
});

it.each([
  'redis://user:secret-word@[bad',
  'redis://user:secret-word@host:99999',
  'redis://user:secret-word@host:x',
  'redis://user:secret%word@host',
  'redis://user:sec/ret-word@host',
  'http://user:secret-word@host',
  '//user:secret-word@host:1',
  '/user:secret-word@host',
  'user:secret-word@host',
  ':secret-word@',
  'the secret-word',
  '',
])('S13: an address that is none is refused without telling it: %s', (url) => {
  let error: unknown;
  try {
    logAt(url);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'internal', message: expect.stringMatching(/is no URL/) });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/secret|ret-word/);
});

it.each([
  'redis://host',
  'rediss://u:p%40@host:1/2',
  'host',
  'host:6379',
  '6379',
  '/run/redis.sock',
])('an address of any form that has a meaning is taken: %s', (url) => {
  expect(() => logAt(url)).not.toThrow();
});

it('a wrong password is told without telling it', async () => {
  const server = await RedisServer.start({ args: ['--requirepass', 'right-word'] });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const log = logAt(`redis://:secret-word@127.0.0.1:${server.port}`);
  const error: unknown = await log.ready().catch((reason: unknown) => reason);
  expect(String(error)).toContain('WRONGPASS');
  expect(inspect(error, { depth: 10 })).not.toContain('secret-word');
});

it('`ready` warns of a server that may drop keys', async () => {
  const server = await RedisServer.start({ args: ['--maxmemory-policy', 'allkeys-lru'] });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const warnings: string[] = [];
  await logAt(server.url, (message) => warnings.push(message)).ready();
  expect(warnings).toEqual([expect.stringContaining('allkeys-lru')]);
  const plain = await redisFixture();
  await logAt(plain.server.url, (message) => warnings.push(message)).ready();
  expect(warnings).toHaveLength(1);
});

it.each([
  ['redis_version:6.2.14\r\n', 'version 6.2.14 is older than 7.0'],
  ['# Server\r\nredis_version:7.0.15\r\n', null],
  ['redis_version:8.2.1\r\n', null],
  ['redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.3\r\n', null],
])('`ready` looks at the version: %j', async (server, problem) => {
  const client = {
    status: 'ready',
    on: () => {},
    ping: async () => 'PONG',
    info: async (section: string) =>
      section === 'server' ? server : 'maxmemory_policy:noeviction',
  };
  const writer = new Writer(client as unknown as WriterClient, 'a test');
  const ready = checkHealth(writer, () => {});
  if (problem === null) await expect(ready).resolves.toBeUndefined();
  else await expect(ready).rejects.toThrow(problem);
});
