import type { Cluster, Redis } from 'ioredis';
import type { LogUnderTest } from '../../src/conformance/index.ts';
import type { Durability } from '../../src/contract/durability.ts';
import type { LogLimits } from '../../src/contract/session-log.ts';
import { createRedisLog } from '../../src/redis/index.ts';
import { Keys } from '../../src/redis/keys.ts';

export const newPrefix = (): string => `t${crypto.randomUUID()}`;

/**
 * A Redis log under a prefix of its own, and what tests do behind its back. `admin` is a connection
 * that the log does not know of.
 */
export function redisUnderTest(
  redis: string | Redis | Cluster,
  admin: Redis | Cluster,
  limits?: Partial<LogLimits>,
  durability?: Durability,
): LogUnderTest & { readonly keys: Keys; readonly prefix: string } {
  const prefix = newPrefix();
  const keys = new Keys(prefix);
  const log = createRedisLog({ redis, prefix, limits, durability });
  const storedKeys = (session: string): readonly string[] => {
    const { meta, log: stream, items, ids, commands, marks, ended, leases } = keys.of(session);
    const { files, uploads } = keys.of(session);
    const runs = [`${leases}r1`, `${leases}r2`];
    return [meta, stream, items, ids, commands, marks, ended, files, uploads, ...runs];
  };
  return {
    log,
    keys,
    prefix,
    cleanup: () => log.close(),
    faults: {
      async snapshot(session) {
        const names = storedKeys(session);
        const copies = await Promise.all(
          names.map(
            async (name) => [name, await admin.dumpBuffer(name), await admin.pttl(name)] as const,
          ),
        );
        return async () => {
          for (const [name, copy, ttl] of copies) {
            await admin.unlink(name);
            if (copy) await admin.restore(name, Math.max(ttl, 0), copy);
          }
        };
      },
      async trim(session, through) {
        const { meta, log: stream } = keys.of(session);
        const [first] = await admin.xrange(stream, `(${through}`, '+', 'COUNT', 1);
        await admin.xtrim(stream, 'MINID', first?.[0] ?? '+');
        await admin.hset(meta, 'fl', through);
      },
      async lose() {
        // The test's own keys, as FLUSHALL would take them, but not those of other tests.
        for (const session of await sessionsOf(admin, prefix))
          await admin.unlink(...storedKeys(session));
      },
    },
  };
}

async function sessionsOf(admin: Redis | Cluster, prefix: string): Promise<readonly string[]> {
  const nodes = admin.isCluster ? (admin as Cluster).nodes('master') : [admin as Redis];
  const lists = await Promise.all(nodes.map((node) => node.keys(`${prefix}:*:meta`)));
  return lists.flat().map((key) => /\{(.*)\}/.exec(key)?.[1] ?? '');
}
