/** A run of text that is shown in one way. */
interface Piece {
  readonly text: string;
  /** Whether it came just now, all at once. */
  readonly isFresh: boolean;
}

export interface Paragraph {
  /** Where it begins in the text: its identity, because a text only grows. */
  readonly at: number;
  readonly isHeading: boolean;
  readonly pieces: readonly Piece[];
}

/** A part of a text, from one place in it to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The paragraphs of a text, of which a span is marked. Of Markdown it knows headings alone. */
export function paragraphsOf(text: string, fresh: Span | null): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const { 0: found, index } of text.matchAll(/[^\n]+/g)) {
    const mark = /^#+ */.exec(found)?.[0] ?? '';
    const at = index + mark.length;
    const pieces = piecesOf(text, { from: at, to: index + found.length }, fresh);
    if (pieces.length > 0) paragraphs.push({ at: index, isHeading: mark !== '', pieces });
  }
  return paragraphs;
}

function piecesOf(text: string, whole: Span, fresh: Span | null): Piece[] {
  const within = (at: number): number => Math.min(Math.max(at, whole.from), whole.to);
  const [from, to] = fresh ? [within(fresh.from), within(fresh.to)] : [whole.to, whole.to];
  const cuts = [whole.from, from, to, whole.to];
  return [0, 1, 2].flatMap((at) => {
    const piece = text.slice(cuts[at], cuts[at + 1]);
    return piece === '' ? [] : [{ text: piece, isFresh: at === 1 }];
  });
}

export const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0;

/** Its last words, the newest first, each with its number from 1. */
export function lastWords(
  text: string,
  most: number,
): readonly { readonly number: number; readonly word: string }[] {
  const words = text.match(/\S+/g) ?? [];
  const tail = words.slice(-most);
  return tail.map((word, at) => ({ number: words.length - tail.length + at + 1, word })).reverse();
}
