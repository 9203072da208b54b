import type { Chunk } from './entries.ts';
import type { ValueReference } from './files.ts';
import { isRecord } from './json.ts';
import { textSum } from './sums.ts';

/** What stands in the place of a piece of a long text (HF-FOLD-5). */
export interface TextReference extends ValueReference {
  /** What {@link sumOf} gives for the piece. */
  readonly sum: number;
}

/** True for what stands in the place of a piece of a text. Other references have no sum. */
export const isTextReference = (value: unknown): value is TextReference =>
  isRecord(value) && '$holdfast' in value && 'sum' in value;

/**
 * The {@link textSum} of a text: whoever has the text knows it again by that in a reference. Of a reference, the one
 * that it has.
 */
export function sumOf(delta: unknown): unknown {
  if (typeof delta === 'string') return textSum(delta);
  return isTextReference(delta) ? delta.sum : delta;
}

/** True for two chunks of folds of one list, also where one of them has a reference to the text of the other. */
export const isSamePiece = (a: Chunk, b: Chunk): boolean =>
  a === b || JSON.stringify(a, summed) === JSON.stringify(b, summed);

/** Has sums stand in the place of texts that may be pieces. */
const summed = (name: string, value: unknown) => (name === 'delta' ? sumOf(value) : value);

/**
 * The places of `whole` where a reference stands for a text that `seen` does not have, or only the beginning of. Up to
 * the end of `seen` the texts are to be there before the two are compared.
 */
export const unseenIn = (seen: readonly Chunk[], whole: readonly Chunk[]): number[] =>
  [...whole.keys()].filter((at) => {
    const [earlier, chunk] = [seen[at], whole[at]];
    return chunk && isTextReference(chunk.delta) && !(earlier && isSamePiece(earlier, chunk));
  });
