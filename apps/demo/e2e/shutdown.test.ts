import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, test } from 'vitest';
import { freePort, Program } from './support/program.ts';
import { until } from './support/until.ts';

const programs: readonly (readonly [file: string, ready: RegExp])[] = [
  ['worker.ts', /worker is ready/],
  ['gateway.ts', /gateway on/],
  ['server.ts', /demo on/],
];

const start = async (file: string, ready: RegExp, redis: RedisServer): Promise<Program> => {
  const env = { HOST: '127.0.0.1', PORT: String(await freePort()), OPENAI_API_KEY: '' };
  const workers = file === 'gateway.ts' ? '' : '1';
  const program = new Program([file], { ...env, REDIS_URL: redis.url, WORKERS: workers }, ready);
  await program.start();
  return program;
};

test.each(programs)('%s ends when it is told to', async (file, ready) => {
  await using redis = await RedisServer.start();
  await using program = await start(file, ready, redis);
  expect(await program.stop()).toBe(0);
});

test.each(programs)('%s ends when it is told to and its Redis is dead', async (file, ready) => {
  await using redis = await RedisServer.start();
  await using program = await start(file, ready, redis);
  await redis.kill();
  // A worker has noticed, for it listens all the time; the others are told of it when they are used.
  if (file === 'worker.ts')
    await until(() => /ECONNREFUSED|closed|unavailable/i.test(program.output), 'noticed');
  expect(await program.stop()).toBe(0);
});
