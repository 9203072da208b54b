/** What an agent of these tests says with a word: a thousand of them, numbered. */
export const spoken = (word: string): readonly string[] =>
  Array.from({ length: 1_000 }, (_, at) => `${word}${at} `);
