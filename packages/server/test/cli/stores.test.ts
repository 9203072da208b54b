import { createRedisLog } from '@holdfast/log/redis';
import { RedisCluster } from '@holdfast/testkit/redis-cluster';
import type {} from '@holdfast/testkit/redis-global-setup';
import { RedisSentinel } from '@holdfast/testkit/redis-sentinel';
import { Cluster, Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { doctor } from '../../src/cli/doctor.ts';
import type { Finding } from '../../src/cli/finding.ts';
import { inspect } from '../../src/cli/inspect.ts';
import { storeOf } from '../../src/cli/store.ts';
import { startOwnServer } from '../support/own-server.ts';
import { say } from '../support/talk.ts';
import { fakeTerminal, typed } from '../support/typed.ts';

const password = 'p,w/1';
const secret = encodeURIComponent(password);

interface Served {
  /** What says where it is, and the same in the environment. */
  readonly args: readonly string[];
  readonly named: { readonly args: readonly string[]; readonly REDIS_URL: string };
  readonly instance: () => Redis | Cluster;
}

async function cluster(): Promise<Served> {
  const nodes = await RedisCluster.start();
  onTestFinished(() => nodes[Symbol.asyncDispose]());
  for (const { port } of nodes.addresses) await protect(port);
  const urls = nodes.addresses
    .slice(0, 2)
    .map(({ port }) => `redis://:${secret}@127.0.0.1:${port}`);
  return {
    args: ['--cluster', ...urls.flatMap((url) => ['--redis', url])],
    named: { args: ['--cluster'], REDIS_URL: urls.join(' ') },
    instance: () =>
      new Cluster([...nodes.addresses], { lazyConnect: true, redisOptions: { password } }),
  };
}

async function sentinel(): Promise<Served> {
  const servers = await RedisSentinel.start();
  onTestFinished(() => servers[Symbol.asyncDispose]());
  const { name, sentinels } = servers.address;
  const [url = ''] = sentinels.map(({ host, port }) => `redis://${host}:${port}/2`);
  return {
    args: ['--sentinel', name, '--redis', url, '--redis', 'redis://127.0.0.1:1'],
    named: { args: ['--sentinel', name], REDIS_URL: `redis://127.0.0.1:1/2 ${url}` },
    instance: () => new Redis({ name, sentinels, db: 2, lazyConnect: true }),
  };
}

async function protect(port: number): Promise<void> {
  const admin = new Redis(port, '127.0.0.1');
  await admin.config('SET', 'masterauth', password);
  await admin.config('SET', 'requirepass', password);
  admin.disconnect();
}

describe.each([
  ['a cluster', cluster],
  ['Sentinels', sentinel],
])('%s', (_, serve) => {
  it('is reached by its addresses, in arguments or in the environment, and looked at', async () => {
    const { args, named, instance } = await serve();
    const log = createRedisLog({ redis: instance(), prefix: 'cli' });
    onTestFinished(() => log.close());
    await say(await startOwnServer({ log }), 's', 'Hello');
    const told = await typed(inspect, ['s', '--prefix', 'cli', ...args], { REDIS_URL: '' });
    expect(told.code).toBe(0);
    expect(told.text).toMatch(/^session +s$/m);
    const { REDIS_URL } = named;
    const again = await typed(inspect, ['s', '--prefix', 'cli', ...named.args], { REDIS_URL });
    expect(again.code).toBe(0);
    const looked = await typed(doctor, [...args, '--json'], { REDIS_URL: '' });
    const { findings } = JSON.parse(looked.text) as { readonly findings: readonly Finding[] };
    expect(findings.filter(({ state }) => state === 'refused')).toEqual([]);
    const checks = findings.map(({ check }) => check);
    const masters = checks.filter((check) => check === 'version').length;
    expect(masters).toBe(args.includes('--cluster') ? 3 : 1);
    expect(checks.slice(-2)).toEqual(['rights', 'durability']);
    expect(`${told.notes}${looked.text}`).not.toContain(secret);
  }, 120_000);
});

it.each<[string, readonly string[], RegExp]>([
  ['two addresses of what is not said', ['--redis', 'a', '--redis', 'b'], /--cluster.*--sentinel/],
  ['both kinds', ['--redis', 'redis://a:1', '--cluster', '--sentinel', 'm'], /not both/],
  ['a node that is no URL', ['--cluster', '--redis', 'postgres://u:hush@h'], /address 1/],
  ['a Sentinel that is no URL', ['--sentinel', 'm', '--redis', 'u:hush@h'], /address 1/],
  ['a database of a cluster', ['--cluster', '--redis', 'redis://a:1/2'], /database/],
  ['no name', ['--sentinel', '', '--redis', 'redis://a:1'], /name/],
])('%s is refused, and nothing of it repeated', (_, args, words) => {
  const { terminal } = fakeTerminal({ REDIS_URL: '' });
  const read = () => inspect.read(['s', ...args], terminal);
  expect(read).toThrow(words);
  expect(read).not.toThrow(/hush/);
});

it('takes user, password and TLS for the servers, and another password for Sentinels', () => {
  const { terminal } = fakeTerminal({ REDIS_URL: '', HOLDFAST_SENTINEL_PASSWORD: 'theirs' });
  const at = (host: string) => `rediss://app:${secret}@${host}:26380`;
  const given = { redis: [at('one'), at('[::1]')], prefix: 'p', sentinel: 'm' };
  const { redis } = storeOf(given, terminal);
  expect((redis as Redis).options).toMatchObject({
    name: 'm',
    sentinels: [
      { host: 'one', port: 26_380 },
      { host: '::1', port: 26_380 },
    ],
    username: 'app',
    password,
    sentinelPassword: 'theirs',
    tls: {},
    enableTLSForSentinelMode: true,
    lazyConnect: true,
  });
});
