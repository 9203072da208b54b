/** What a call does, as a sentence goes on behind the name of whoever called. */
const sentences: Readonly<Record<string, (input: Input) => string | null>> = {
  weather: ({ city }) => (isWord(city) ? `Look up the weather in ${city}` : null),
  location: () => 'Ask the browser where you are',
  book: ({ restaurant, guests }) =>
    isWord(restaurant) && typeof guests === 'number'
      ? `Book a table for ${guests} at ${restaurant}`
      : null,
  survey: () => 'Count the ships in the harbour',
};

type Input = Readonly<Record<string, unknown>>;

const most = 60;
const isWord = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most;

/** Null for a tool that nobody has a sentence for, and for an input that does not fit it, or is not there yet. */
export function sentenceOf(tool: string, input: unknown): string | null {
  if (!Object.hasOwn(sentences, tool)) return null;
  const known = typeof input === 'object' && input !== null ? (input as Input) : {};
  return sentences[tool]?.(known) ?? null;
}
