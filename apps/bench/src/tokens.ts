/**
 * The texts that agents write. Every token has the same number of UTF-16 units, so that a reader
 * can tell how many chunks it got however they were joined on the way.
 */
export const tokenLength = 7;

const digits = tokenLength - 1;
const clockRange = 36 ** digits;

/** Microseconds on the machine's monotonic clock, which all its processes share. */
export const micros = (): number => Number(process.hrtime.bigint() / 1_000n);

/** A token that tells when it was made. */
export const stamp = (now: number = micros()): string =>
  `${(now % clockRange).toString(36).padStart(digits, '0')} `;

/** Microseconds since a stamp was made; right for about half an hour. */
export function ageOf(token: string, now: number): number {
  const made = Number.parseInt(token.slice(0, digits), 36);
  if (token.length !== tokenLength || Number.isNaN(made)) throw new Error('the text is damaged');
  return ((now % clockRange) - made + clockRange) % clockRange;
}

/** Prose as models write it, with what JSON has to escape and what UTF-8 writes in more bytes. */
const words = [
  ...['stream', 'tokens', 'resume', 'server', 'a chat', 'bright', 'ocean,', 'winter'],
  ...['garden', 'letter', 'number', 'little', 'moment', 'of the', 'and so', 'in one'],
  ...['market', 'summer', 'people', 'Zürich', 'always', 'orange', '"quote', 'ended"'],
  ...['to see', 'mirror', 'he was', 'travel', 'random', 'answer', 'place.', 'a café'],
].map((word, at, all) => word + (at === all.length - 1 ? '\n' : ' '));

export const word = (at: number): string => words[at % words.length] ?? '';

const cycle = words.join('');
const twice = cycle + cycle;
/** The words of two parts that get them by turns, twice. */
const halves = [0, 1].map((half) =>
  [...words, ...words].filter((_, at) => at % 2 === half).join(''),
);

/** The text of `count` words, from the one at `from` on. */
export function textOf(count: number, from = 0): string {
  const start = (from % words.length) * tokenLength;
  const length = count * tokenLength;
  return cycle.repeat(Math.ceil((start + length) / cycle.length)).slice(start, start + length);
}

/** The text of a long chunk: its number, as long as a token, since the words are the same in all; and these after it. */
export const numberedText = (at: number, count: number): string =>
  `${String(at).padStart(tokenLength - 1, '0')} ${textOf(count - 1)}`;

/** Throws unless `text` is what stands at `offset` in the words; or in those of one of two parts. */
export function checkWords(text: string, offset: number, half?: number): void {
  const all = half === undefined ? twice : (halves[half] ?? '');
  const length = all.length / 2;
  for (let at = 0; at < text.length; at += length) {
    const start = (offset + at) % length;
    const piece = text.slice(at, at + length);
    if (piece !== all.slice(start, start + piece.length)) throw new Error('the text is damaged');
  }
}
