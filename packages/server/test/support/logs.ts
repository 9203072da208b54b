import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type { Limits } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { afterAll, inject } from 'vitest';

let prefixes = 0;
export const uniquePrefix = (): string =>
  `test-stop-${process.pid}-${process.env.AI_SDK ?? 7}-${++prefixes}`;

/** Logs on the same sessions, as processes have them: each its own, or one where all is memory. */
export const stores: Readonly<Record<string, (limits?: Partial<Limits>) => () => SessionLog>> = {
  memory: (limits) => {
    const log = createMemoryLog({ limits });
    return () => log;
  },
  Redis: (limits) => {
    const prefix = uniquePrefix();
    return () => createRedisLog({ redis: inject('redisUrl'), prefix, limits });
  },
};

/**
 * For `describe.each`: what opens a log in each kind of store. In Redis it is one for the file, closed behind
 * it; tests keep apart by the sessions that they use.
 */
export function eachStore(): [store: string, open: () => SessionLog][] {
  let redis: SessionLog | undefined;
  afterAll(() => redis?.close());
  return [
    ['memory', () => createMemoryLog()],
    [
      'Redis',
      () => {
        redis ??= createRedisLog({ redis: inject('redisUrl'), prefix: uniquePrefix() });
        return redis;
      },
    ],
  ];
}

/** The log with some of its methods replaced. */
export const changed = (log: SessionLog, changes: Partial<SessionLog>): SessionLog =>
  new Proxy(log, {
    get: (target, name) => {
      const value = changes[name as keyof SessionLog] ?? target[name as keyof SessionLog];
      return value === target[name as keyof SessionLog] && typeof value === 'function'
        ? value.bind(target)
        : value;
    },
  });

/** What is left of a log when its Pub/Sub is dead. */
export const deaf = (log: SessionLog): SessionLog =>
  changed(log, { subscribe: async () => () => {} });
