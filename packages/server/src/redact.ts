import { HoldfastError } from '@holdfast/protocol';

/** Causes of causes that are told. */
const maxDepth = 5;
/** Errors of a list that are told. */
const maxErrors = 5;
/** Longer words are more likely what somebody wrote than what went wrong. */
const maxWords = 500;

const leftOut = 'its words are left out, because they may repeat contents';

/** Members that carry no words: numbers and names that programs compare. */
const telling = ['code', 'status', 'statusCode', 'errno', 'syscall', 'isRetryable', 'retryMs'];

/** Errors that have one of these tell of an exchange, and their words are often those of the other side. */
const exchanged = ['response', 'responseBody', 'requestBodyValues', 'status', 'statusCode', 'body'];

/** Their words quote what could not be read, or what did not fit. */
const quoting = /^(AI_.*|SyntaxError|\$?ZodError|URIError|ValidationError)$/;

const credentials: readonly (readonly [RegExp, string])[] = [
  [/(\w+:\/\/)[^\s/@]*@/g, '$1***@'],
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, '$1 ***'],
  [/\b(sk|pk|rk|key|token)[-_][A-Za-z0-9_-]{8,}/g, '$1-***'],
  [
    /\b(password|passwd|secret|token|api[-_]?key|authorization|cookie)(["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
    '$1$2***',
  ],
  // Redis repeats the arguments of a command that it does not know.
  [/,? with args beginning with:.*/gs, ''],
];

const withoutCredentials = (text: string): string =>
  credentials.reduce((known, [pattern, instead]) => known.replace(pattern, instead), text);

function wordsOf(error: Error, name: string): string {
  if (HoldfastError.is(error)) return withoutCredentials(error.message);
  if (quoting.test(name) || exchanged.some((key) => key in error)) return leftOut;
  const words = withoutCredentials(error.message);
  return words.length > maxWords ? leftOut : words;
}

/** The lines that say where; those of a message that look like them are no part of it. */
function placesOf(stack: unknown, message: string): string {
  if (typeof stack !== 'string') return '';
  const from = message === '' ? -1 : stack.indexOf(message);
  const rest = from < 0 ? stack : stack.slice(from + message.length);
  return rest
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .map((line) => `\n${withoutCredentials(line)}`)
    .join('');
}

const isTelling = (value: unknown): boolean =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(value));

function tellAll(from: Error, to: Error): void {
  for (const key of telling) {
    const value: unknown = Reflect.get(from, key);
    if (isTelling(value)) Object.defineProperty(to, key, { value, enumerable: true });
  }
  // The marks that `isInstance` of the AI SDK's errors asks for.
  for (const mark of Object.getOwnPropertySymbols(from))
    if (Reflect.get(from, mark) === true) Object.defineProperty(to, mark, { value: true });
}

function copyOf(error: Error, depth: number): Error {
  const name = String(error.name);
  const words = wordsOf(error, name);
  const copy = new Error(words);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  const hidden = (value: unknown) => ({ value, configurable: true, writable: true });
  Object.defineProperty(copy, 'message', hidden(words));
  Object.defineProperty(copy, 'name', hidden(name));
  const stack = `${name}: ${words}${placesOf(error.stack, error.message)}`;
  Object.defineProperty(copy, 'stack', hidden(stack));
  tellAll(error, copy);
  if (depth === 0) return copy;
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  if (cause !== undefined) Object.defineProperty(copy, 'cause', hidden(redact(cause, depth - 1)));
  if (Array.isArray(errors)) {
    const told = errors.slice(0, maxErrors).map((each) => redact(each, depth - 1));
    Object.defineProperty(copy, 'errors', hidden(told));
  }
  return copy;
}

function redact(error: unknown, depth: number): Error {
  try {
    if (error instanceof Error) return copyOf(error, depth);
  } catch {
    // An error that cannot be looked at tells nothing.
  }
  return new Error(`what was thrown is no error but of type ${typeof error}`);
}

/**
 * An error as reports may have it (HF-ERR-3): its class, code, status and stack, its causes, and its words
 * where they are ours or the platform's. What others may have put there is left out: requests, answers,
 * prompts, credentials.
 */
export const redacted = (error: unknown): Error => redact(error, maxDepth);
