import type { Durability, SessionLog } from '@holdfast/log';
import { createEncryptedLog, type EncryptionKey } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import { Cluster, Redis } from 'ioredis';
import { keysOf, misused } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Options of all commands that use Redis. */
export const storeOptions = {
  redis: { type: 'string', multiple: true },
  cluster: { type: 'boolean', default: false },
  sentinel: { type: 'string' },
  prefix: { type: 'string', default: 'holdfast' },
  json: { type: 'boolean', default: false },
} as const;

export const storeHelp = `  --redis <url>      address of Redis or Valkey; without it, REDIS_URL of the environment, which does not
                     show its password to who lists processes
  --cluster          the addresses are nodes of a cluster; give --redis several times, or put spaces between
                     those of REDIS_URL
  --sentinel <name>  the addresses are Sentinels, which tell the master of that name; user, password, database
                     and TLS (rediss) of the first address are those of the master
  --prefix <text>    what keys begin with: the option \`prefix\` of createHoldfast; default holdfast
  --json             JSON for programs`;

export const keysHelp = `Environment:
  REDIS_URL          address of Redis, instead of --redis
  HOLDFAST_SENTINEL_PASSWORD
                     of the Sentinels themselves, where they have one
  HOLDFAST_KEYS      where sessions are encrypted: id:base64 of each key, separated by commas; the first
                     encrypts`;

export interface Store {
  /** An instance is not connected: the log copies it. */
  readonly redis: string | Redis | Cluster;
  readonly prefix: string;
  readonly keys: readonly EncryptionKey[];
}

interface Given {
  readonly redis?: readonly string[] | undefined;
  readonly cluster?: boolean;
  readonly sentinel?: string | undefined;
  readonly prefix: string;
}

/** True where arguments or the environment say where Redis is. */
export const hasStore = ({ redis }: Pick<Given, 'redis'>, { env }: Terminal): boolean =>
  redis !== undefined || Boolean(env.REDIS_URL);

/** Throws for an address that is missing or none, and for keys that are none. */
export function storeOf(given: Given, { env }: Terminal): Store {
  const { cluster = false, sentinel, prefix } = given;
  const isOne = !cluster && sentinel === undefined;
  const named = env.REDIS_URL?.trim() ?? '';
  const addresses = given.redis ?? (isOne ? [named] : named.split(/\s+/)).filter(Boolean);
  const [first] = addresses;
  if (!first) throw misused('there is no address of Redis; give --redis, or REDIS_URL');
  const store = { prefix, keys: keysOf(env.HOLDFAST_KEYS) };
  if (cluster && sentinel !== undefined)
    throw misused('Redis is a cluster, or told by Sentinels, and not both');
  if (cluster) return { ...store, redis: clusterAt(addresses) };
  if (sentinel !== undefined)
    return {
      ...store,
      redis: toldBy(sentinel, addresses, env.HOLDFAST_SENTINEL_PASSWORD),
    };
  if (addresses.length > 1)
    throw misused(
      'there is more than one address of Redis; say by --cluster or --sentinel <name> what they are',
    );
  return { ...store, redis: first };
}

interface Address {
  readonly host: string;
  readonly port: number | undefined;
  readonly db: number;
  /** Who may use it, and how it is reached. */
  readonly access: {
    readonly username?: string;
    readonly password?: string;
    readonly tls?: Record<string, never>;
  };
}

/** Never repeats an address, which may have a password. */
function addressOf(text: string, at: number): Address {
  const wrong = () =>
    misused(`address ${at + 1} of Redis is no URL like redis://user:password@host:6379`);
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) throw wrong();
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  const [, db = '0'] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
  if (hostname === '' || !/^\/?\d{0,5}$/.test(pathname)) throw wrong();
  const decoded = (each: string): string => {
    try {
      return decodeURIComponent(each);
    } catch {
      throw wrong();
    }
  };
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? undefined : Number(port),
    db: Number(db),
    access: {
      ...(username && { username: decoded(username) }),
      ...(password && { password: decoded(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  };
}

function clusterAt(texts: readonly string[]): Cluster {
  const addresses = texts.map(addressOf);
  if (addresses.some(({ db }) => db !== 0))
    throw misused('a cluster has no database but 0; leave it out of the addresses');
  const nodes = addresses.map(({ host, port = 6_379 }) => ({ host, port }));
  return new Cluster(nodes, {
    lazyConnect: true,
    redisOptions: { ...addresses[0]?.access },
  });
}

function toldBy(
  name: string,
  texts: readonly string[],
  sentinelPassword: string | undefined,
): Redis {
  if (name === '') throw misused('--sentinel needs the name of the master');
  const addresses = texts.map(addressOf);
  const { db = 0, access } = addresses[0] ?? {};
  return new Redis({
    name,
    sentinels: addresses.map(({ host, port = 26_379 }) => ({ host, port })),
    db,
    ...access,
    ...(access?.tls && { enableTLSForSentinelMode: true }),
    ...(sentinelPassword && { sentinelPassword }),
    lazyConnect: true,
  });
}

/** The log of a store, for reading: texts of before it was encrypted are let through. */
export function openLog(
  { redis, prefix, keys }: Store,
  onWarning?: (message: string) => void,
  durability?: Durability,
): SessionLog {
  const plain = createRedisLog({ redis, prefix, onWarning, durability });
  return keys.length > 0 ? createEncryptedLog(plain, { keys, allowPlain: true }) : plain;
}
