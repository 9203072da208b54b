import type { SeedCommand, SeedOutcome } from '../../contract/messages.ts';
import { digestOf } from '../digest.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import { newEpoch, type Store } from '../store.ts';

export const codes: Codes<SeedOutcome> = { 1: 'seeded', 2: 'exists', 3: 'full' };

export async function seed(
  { commits, keys, limits, publish }: Store,
  session: string,
  { items: messages, entry, state = '' }: SeedCommand,
): Promise<SeedOutcome> {
  const { nonce, body, behind } = entry;
  const { meta, log, items, ids, channel } = keys.of(session);
  const args = [
    publish,
    channel,
    limits.retentionMs,
    limits.sessionBytes,
    limits.sessionEntries,
    behind?.epoch ?? newEpoch(),
    nonce,
    body,
    messages.map(({ key }) => digestOf(key)).join(''),
    state,
    ...messages.map((message) => message.body),
  ];
  const reply = await commits.run(scripts.seed, [meta, log, items, ids], args);
  return outcomeOf(codes, reply).name;
}
