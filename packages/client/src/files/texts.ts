import { textSum } from '@holdfast/protocol/sums';
import type { Held } from './contract.ts';

/** Shorter ones are no pieces of a text (HF-FOLD-5). */
const pieceLength = 131_072;

/** Pieces of long texts in what comes, and what is done with them. */
interface Texts {
  /** False for one that is to be fetched; else it was put in its place, or stays a reference. */
  takes(found: Record<string, unknown>, name: string, sum: number): boolean;
}

/**
 * Puts pieces in their places that are held. What stands in front of all of these stays away: who shows the end of a
 * text shows that. What stands behind one was missed, and is fetched, so that there is no hole.
 */
export function textsIn(held: ReturnType<Held>): Texts {
  let known: Map<number, string> | undefined;
  let isBehind = false;
  return {
    takes: (found, name, sum) => {
      if (!held) return false;
      known ??= new Map(
        [...held.values()]
          .flat()
          .flatMap(({ fold }) => fold.chunks)
          .flatMap(({ delta }) =>
            typeof delta === 'string' && delta.length >= pieceLength
              ? [[textSum(delta), delta] as const]
              : [],
          ),
      );
      const text = known.get(sum);
      if (text === undefined) return !isBehind;
      isBehind = true;
      found[name] = text;
      return true;
    },
  };
}
