import type { TestProject } from 'vitest/node';
import { RedisServer } from './redis-harness.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis for all tests of this run; each takes a key prefix of its own. */
    redisUrl: string;
  }
}

/** Starts one Redis for the whole run, or takes the one that `REDIS_URL` names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.REDIS_URL;
  if (given) {
    project.provide('redisUrl', given);
    return async () => {};
  }
  const server = await RedisServer.start();
  project.provide('redisUrl', server.url);
  return () => server[Symbol.asyncDispose]();
}
