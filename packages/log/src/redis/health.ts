import { HoldfastError } from '@holdfast/protocol';
import type { Channels } from './channels.ts';
import { infoField } from './info.ts';
import { scripts } from './scripts.ts';
import type { Store } from './store.ts';
import type { Writer } from './writer.ts';

const oldest = 7;
/** Life of the keys of a probe that could not remove them, in ms. */
const probeMs = 10_000;

/** Refuses a server that lacks what the scripts need; says what is risky about one that will do. */
export async function checkHealth(
  writer: Writer,
  onWarning: (message: string) => void,
): Promise<void> {
  await writer.ask('reach Redis', (client) => client.ping());
  const server = await writer.ask('ask Redis for its version', (client) => client.info('server'));
  const version = infoField(server, 'redis_version') ?? 'unknown';
  // Valkey tells the version of Redis that it is compatible with, which is new enough in all releases.
  if (infoField(server, 'server_name') !== 'valkey' && !(Number.parseInt(version, 10) >= oldest))
    throw new HoldfastError(
      'unavailable',
      `unable to use Redis: version ${version} is older than ${oldest}.0, which brought script flags and sharded Pub/Sub; use Redis or Valkey of 7.0 or later`,
    );
  const memory = await writer.ask('ask Redis for its policy', (client) => client.info('memory'));
  const policy = infoField(memory, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    onWarning(
      `the maxmemory-policy of Redis at ${writer.where} is ${policy}: it may drop parts of sessions; set it to noeviction`,
    );
}

/**
 * Does once what scripts and subscriptions do, with keys and a channel of its own: a right that is missing
 * must not be missed in the middle of a write. Rejects with what Redis refused, and where the write is not as durable
 * in time as all are to be.
 */
export async function checkRights(
  { writer, commits, keys, publish }: Store,
  channels: Channels,
): Promise<void> {
  const probe = keys.probe();
  await commits.run(scripts.probe, probe.keys, [publish, probe.channel, probeMs]);
  await writer.ask('publish', (client) => client.call(publish, [probe.channel, 'probe']));
  const unsubscribe = await channels.subscribe(probe.channel, () => {});
  unsubscribe();
}
