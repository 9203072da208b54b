import fc from 'fast-check';
import type { Chunk } from '../../src/entries.ts';
import { type Act, kinds, type ValidChunksOptions } from './acts.ts';
import { Conversation } from './conversation.ts';

const json = fc.jsonValue({ maxDepth: 2 });

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...kinds),
  n: fc.nat({ max: 2 }),
  text: fc.oneof(
    fc.constantFrom('', ' ', '{"a":', '"b', '[1,', '}', '\ud83d', '\ude00', 'e\u0301'),
    fc.string({ maxLength: 6 }),
  ),
  json,
  metadata: fc.option(
    fc.record({ p: fc.record({ a: fc.nat({ max: 3 }), b: json }, { requiredKeys: ['a'] }) }),
    { freq: 4, nil: undefined },
  ),
  flag: fc.boolean(),
});

/** Lists that the SDK's reducer takes without a fault: acts that make no sense are left out. */
export const validChunks = (options: ValidChunksOptions): fc.Arbitrary<Chunk[]> =>
  fc.array(act, { maxLength: 60, size: 'max' }).map((acts) => {
    const conversation = new Conversation(options);
    for (const next of acts) conversation.act(next);
    return [...conversation.chunks];
  });

/** A valid list, cut in two anywhere. */
export const cutChunks = (options: ValidChunksOptions): fc.Arbitrary<[Chunk[], Chunk[]]> =>
  fc.tuple(validChunks(options), fc.nat()).map(([chunks, at]): [Chunk[], Chunk[]] => {
    const cut = chunks.length === 0 ? 0 : at % (chunks.length + 1);
    return [chunks.slice(0, cut), chunks.slice(cut)];
  });
