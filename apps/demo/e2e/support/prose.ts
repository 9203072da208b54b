import { story } from '../../lib/scripted-model/story.ts';
import { wordsOf } from '../../lib/scripted-model/words.ts';

/**
 * That many pieces of Markdown: words, with letters of several scripts. Each call gives another
 * text, so that an answer cannot be taken for another one.
 */
export function prose(pieces: number, seed: string): string[] {
  const words = wordsOf(story(pieces * 2)).slice(0, pieces - 1);
  return [`Answer ${seed}: `, ...words];
}
