/**
 * Characters that a terminal obeys, or that turn around what stands beside them: C0 but for line breaks and tabs,
 * C1, and those of bidirectional text. What strangers wrote must not move the cursor, set a title or hide words.
 */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text that a terminal shows and does not obey. */
export const safe = (text: string): string => text.replace(obeyed, escaped);

/** The same in one line. */
export const safeLine = (text: string): string => safe(text).replace(/[\n\t]/g, escaped);

/** JSON of one line, which any parser reads as what it is, and a terminal shows. */
export const safeJson = (value: unknown): string => safe(JSON.stringify(value));

/** Texts beside each other, each column as wide as its widest. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, text.length);
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000
    ? `${(bytes / 1_000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Where a command writes, and what it is given besides its arguments. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line of what was asked for. */
  say(line: string): void;
  /** Text of it without a line break. */
  write(text: string): void;
  /** A line beside it, for people. */
  note(line: string): void;
  /** Fires when it is to end: by a signal, or because nobody reads any more. */
  readonly ended: AbortSignal;
}

/** The terminal of this process. Its second signal ends it at once. */
export function ownTerminal(): Terminal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  // Who pipes into `head` closes the other end; that is no fault.
  process.stdout.on('error', () => ending.abort());
  const write = (text: string) => {
    process.stdout.write(text);
  };
  return {
    env: process.env,
    write,
    say: (line) => write(`${line}\n`),
    note: (line) => {
      process.stderr.write(`${line}\n`);
    },
    ended: ending.signal,
  };
}
