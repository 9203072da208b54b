/** Cuts a text into words with the space behind them; joined they are the text, byte for byte. */
export const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*/gu) ?? [];

/** Cuts a text behind its blank lines; joined they are the text as well. */
export const paragraphsIn = (text: string): string[] => text.match(/.+?(?:\n\n+|$)/gs) ?? [];
