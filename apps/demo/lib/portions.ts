/** A part of a long text that can be painted by itself. */
export interface Portion {
  /** Where it begins in the text. */
  readonly at: number;
  readonly text: string;
}

/** Letters of a portion, which ends with a paragraph: some five screens. */
const letters = 16_384;

/** A blank line, or a line that begins or ends a block of code. */
const marks = /\n\n+|^ {0,3}(?:```|~~~)/gm;

/**
 * The portions of a text, joined they are the text. While it grows, all but the last stay as they are. One begins with
 * a paragraph and never inside a block of code, however long that makes the one in front of it.
 */
export function portionsOf(text: string): readonly Portion[] {
  const starts = [0];
  let next = letters;
  let isCode = false;
  if (text.length > letters)
    for (const { 0: mark, index } of text.matchAll(marks)) {
      const end = index + mark.length;
      if (!mark.startsWith('\n')) isCode = !isCode;
      // At the end of what there is, more of the mark may follow.
      else if (!isCode && end >= next && end < text.length) {
        starts.push(end);
        next = end + letters;
      }
    }
  return starts.map((at, number) => ({ at, text: text.slice(at, starts[number + 1]) }));
}
