import fc from 'fast-check';
import type { Chunk } from '../../src/entries.ts';
import { Conversation } from './conversation.ts';

const kinds = [
  'text-start',
  'text-delta',
  'text-delta',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-delta',
  'reasoning-end',
  'tool-input-start',
  'tool-input-delta',
  'tool-input-delta',
  'tool-input-available',
  'tool-input-error',
  'tool-output-available',
  'tool-output-preliminary',
  'tool-output-error',
  'tool-approval-request',
  'tool-approval-response',
  'tool-output-denied',
  'data',
  'data',
  'data-anonymous',
  'data-transient',
  'attachment',
  'message-metadata',
  'unknown',
  'start-step',
  'finish-step',
  'reset-step',
  'continue',
  'other-message',
  'ending',
] as const;

/** One thing that a model, a tool or a client may do next; which part it concerns is `n`. */
export interface Act {
  readonly kind: (typeof kinds)[number];
  readonly n: number;
  readonly text: string;
  readonly json: unknown;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly flag: boolean;
}

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

export interface ValidChunksOptions {
  /** Parts may stay open behind the end of a step, which the SDK allows from its version 7 on. */
  readonly acrossSteps: boolean;
}

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
