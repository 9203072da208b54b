import type { SessionLog } from '@holdfast/log';
import { createEncryptedLog, type EncryptionKey } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import { HoldfastError, isSessionId } from '@holdfast/protocol';
import type { Terminal } from './terminal.ts';

/** A mistake in the arguments: the command ends with 2 and says how it is used. */
export const misused = (words: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to begin: ${words}`);

/** Options of all commands that use Redis. */
export const storeOptions = {
  redis: { type: 'string' },
  prefix: { type: 'string', default: 'holdfast' },
  json: { type: 'boolean', default: false },
} as const;

export const storeHelp = `  --redis <url>      address of Redis or Valkey; without it, REDIS_URL of the environment, which does not
                     show its password to who lists processes
  --prefix <text>    what keys begin with: the option \`prefix\` of createHoldfast; default holdfast
  --json             JSON for programs`;

export const keysHelp = `Environment:
  REDIS_URL          address of Redis, instead of --redis
  HOLDFAST_KEYS      where sessions are encrypted: id:base64 of each key, separated by commas; the first
                     encrypts`;

export interface Store {
  readonly redis: string;
  readonly prefix: string;
  readonly keys: readonly EncryptionKey[];
}

/** Throws for an address that is missing, and for keys that are none. */
export function storeOf(
  given: { readonly redis?: string | undefined; readonly prefix: string },
  { env }: Terminal,
): Store {
  const redis = given.redis ?? env.REDIS_URL;
  if (!redis) throw misused('there is no address of Redis; give --redis, or REDIS_URL');
  return { redis, prefix: given.prefix, keys: keysOf(env.HOLDFAST_KEYS) };
}

/** Never repeats a key, also where it is none. */
export function keysOf(text: string | undefined): EncryptionKey[] {
  if (!text) return [];
  return text.split(',').map((each, at) => {
    const [, id, base64] =
      /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{42,}={0,2})\s*$/.exec(each) ?? [];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (id === undefined || key.length !== 32)
      throw misused(`key ${at + 1} of HOLDFAST_KEYS is not id:base64 of 32 bytes`);
    return { id, key: new Uint8Array(key) };
  });
}

/** The log of a store, for reading: texts of before it was encrypted are let through. */
export function openLog(
  { redis, prefix, keys }: Store,
  onWarning?: (message: string) => void,
): SessionLog {
  const plain = createRedisLog({ redis, prefix, onWarning });
  return keys.length > 0 ? createEncryptedLog(plain, { keys, allowPlain: true }) : plain;
}

export function sessionOf(positionals: readonly string[]): string {
  const [session, ...others] = positionals;
  if (session === undefined) throw misused('there is no session; give its id');
  if (others.length > 0) throw misused('there is more than one session; give one');
  if (!isSessionId(session))
    throw misused('this is no id of a session: it has 1 to 128 letters, digits, `_` or `-`');
  return session;
}

/** A whole number within bounds; the text is named by its option, and not repeated. */
export function numberOf(
  option: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw misused(`--${option} is a whole number from ${least} to ${most}`);
}
