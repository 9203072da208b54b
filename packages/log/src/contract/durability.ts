/**
 * What an acknowledged write of a log on Redis survives. `redis`: whatever Redis survives as it is set up. `fsync`:
 * it is in the append-only file, on disk, so also a power loss of the server. With `replicas`: so many replicas have
 * it, 1 to 16, so also the loss of as many servers; with `fsync` besides, the server has it on disk, too.
 */
export type Durability =
  | 'redis'
  | 'fsync'
  | {
      /** How many replicas have to have it. */
      readonly replicas: number;
      /** When `true`: it is on the disk of the server that took it as well. @default false */
      readonly fsync?: boolean;
    };

/** What every acknowledged write of a log survives; `memory`: the end of no process. */
export type LogDurability = 'memory' | Durability;
