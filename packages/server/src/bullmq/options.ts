import { HoldfastError } from '@holdfast/protocol';
import type { ConnectionOptions } from 'bullmq';

/** Where the jobs are; the same for those who add them and those who do them. */
export interface BullmqOptions {
  /** A URL, or what BullMQ takes: options or an instance of `ioredis`, which is not closed with it. */
  readonly connection: string | ConnectionOptions;
  /** The name of BullMQ's queue. @default 'holdfast' */
  readonly queue?: string;
  /**
   * The beginning of BullMQ's keys. The braces keep them in one slot of a cluster.
   * @default '{holdfast}'
   */
  readonly prefix?: string;
}

export function placeOf({ connection, queue = 'holdfast', prefix = '{holdfast}' }: BullmqOptions): {
  readonly queue: string;
  readonly options: { readonly connection: ConnectionOptions; readonly prefix: string };
} {
  // Node's own error would repeat it, with its password.
  if (typeof connection === 'string' && !URL.canParse(connection))
    throw new HoldfastError(
      'internal',
      'unable to use BullMQ: the option `connection` is no URL like redis://user:password@host:6379',
    );
  const to = typeof connection === 'string' ? { url: connection } : connection;
  // A worker waits for jobs for as long as it takes; BullMQ refuses a connection that gives up.
  const patient = 'url' in to ? { ...to, maxRetriesPerRequest: null } : to;
  return { queue, options: { connection: patient as ConnectionOptions, prefix } };
}
