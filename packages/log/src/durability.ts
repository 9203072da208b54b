import { HoldfastError } from '@holdfast/protocol';
import type { Durability, LogDurability } from './contract/durability.ts';

const mostReplicas = 16;

/** A durability, taken apart. */
export interface Demand {
  /** True when it has to be on disk. */
  readonly fsync: boolean;
  /** How many replicas have to have it. */
  readonly replicas: number;
}

/** Throws `internal` for what is no durability: options come from JavaScript, too. */
export function demandOf(durability: Durability): Demand {
  if (durability === 'redis' || durability === 'fsync')
    return { fsync: durability === 'fsync', replicas: 0 };
  const { replicas, fsync = false } = Object(durability) as { replicas?: unknown; fsync?: unknown };
  const isCount = typeof replicas === 'number' && Number.isInteger(replicas);
  if (isCount && replicas >= 1 && replicas <= mostReplicas && typeof fsync === 'boolean')
    return { fsync, replicas };
  throw new HoldfastError(
    'internal',
    `unable to use the durability: it is 'redis', 'fsync' or { replicas: 1 to ${mostReplicas} }`,
  );
}

/** The least that is at once as durable as each of the two: nobody who asks for more gets less elsewhere. */
export function atLeast(one: Durability, other: Durability): Durability {
  const [a, b] = [demandOf(one), demandOf(other)];
  const fsync = a.fsync || b.fsync;
  const replicas = Math.max(a.replicas, b.replicas);
  if (replicas === 0) return fsync ? 'fsync' : 'redis';
  return fsync ? { replicas, fsync } : { replicas };
}

/** One word or two, for headers, terminals and logs: `memory`, `redis`, `fsync`, `replicas=2`, `fsync+replicas=2`. */
export function durabilityText(durability: LogDurability): string {
  if (typeof durability === 'string') return durability;
  const { replicas, fsync } = durability;
  return `${fsync ? 'fsync+' : ''}replicas=${replicas}`;
}

/** Refuses what the log cannot give: less than was asked for would come without a word. Throws `internal`. */
export function checkDurability(
  asked: Durability | undefined,
  has: LogDurability | undefined,
): void {
  if (asked === undefined) return;
  demandOf(asked);
  if (asked === 'redis' || (has !== undefined && has !== 'memory')) return;
  const reason =
    has === 'memory'
      ? "needs Redis, and the sessions are in this process's memory; give `redis`, or leave the durability out"
      : 'is asked of a log that does not tell its own; leave it out, and have the log see to it';
  throw new HoldfastError(
    'internal',
    `unable to write: the durability ${durabilityText(asked)} ${reason}`,
  );
}
