const maxLength = 256;

/**
 * Control characters, which begin the server's own names, and halves of characters: stores would keep
 * two names as one that differ in nothing else.
 */
const forbidden = /[\p{Cc}\p{Cs}]/u;

/**
 * True for what may be a name from outside: of a command, a message, a run, a tool call (HF-HTTP-10).
 */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= maxLength &&
  value !== '__proto__' &&
  !forbidden.test(value);
