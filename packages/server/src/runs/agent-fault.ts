import { type Chunk, HoldfastError, isRecord } from '@holdfast/protocol';
import { tellUsers } from '../user-text.ts';

const returns =
  'return what `streamText` or the `stream()` of an agent gives, a ReadableStream of UI message chunks, or an async iterable of them';

const yields =
  'yield { type: "text-start", id }, { type: "text-delta", id, delta } and { type: "text-end", id }';

const forUsers = 'The agent gave no answer that can be shown; the server’s log says why.';

/**
 * The error of an answer that cannot be read. While an application is developed the chat shows its words, which have
 * none of the agent's in them.
 */
export const unreadable = (words: string): HoldfastError =>
  tellUsers(
    new HoldfastError('internal', words),
    process.env.NODE_ENV === 'production' ? forUsers : words,
  );

const fault = (what: string, cure: string): HoldfastError =>
  unreadable(`unable to read the agent: ${what}; ${cure}`);

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** The error for something that is no stream, which says what it is taken for. */
export function notAStream(result: unknown): HoldfastError {
  if (result === undefined || result === null)
    return fault('it returned nothing', `is a \`return\` missing? ${returns}`);
  if (typeof result === 'string') return fault('it returned a text', returns);
  if (isFunction(result)) return fault('it returned a function', `call it, and ${returns}`);
  if (result instanceof Response)
    return fault(
      'it returned a Response',
      'return what `streamText` gives itself, without `toUIMessageStreamResponse()` or `createUIMessageStreamResponse()`',
    );
  if (isRecord(result) && isFunction(result.stream) && isFunction(result.generate))
    return fault('it returned an agent', 'return what its `stream({ … })` gives');
  if (isRecord(result) && typeof result.text === 'string')
    return fault(
      'it returned a complete answer, as `generateText` gives it',
      'use `streamText`, and return what that gives',
    );
  if (isRecord(result) && isFunction(result[Symbol.iterator as never]) && !Array.isArray(result))
    return fault('it returned a generator that is not async', 'write `async function*`');
  const kind = typeof result === 'object' ? 'an object' : `a ${typeof result}`;
  return fault(`it returned ${Array.isArray(result) ? 'a list' : kind} that is no stream`, returns);
}

/** False for a delta of a text without one. */
export const hasText = ({ type, delta }: Chunk): boolean =>
  (type !== 'text-delta' && type !== 'reasoning-delta') || typeof delta === 'string';

const hasType = (value: unknown): value is Chunk =>
  isRecord(value) && typeof value.type === 'string';

/** True for a value that may be left out behind a chunk: it says nothing that a user could miss. */
export const isStray = (value: unknown): boolean =>
  !hasType(value) && typeof value !== 'string' && !(value instanceof Uint8Array);

/** Kinds of parts of a model's stream that no UI message chunk has. */
const foreign: ReadonlySet<string> = new Set(['tool-call', 'tool-result', 'tool-error']);

/** Providers name the events of their own clients so (`response.created`, `message_start`), and the AI SDK no chunk. */
const ofProvider = /^(?!data-).*[._]/;

/** A value of a stream as a chunk; throws for what is none. A chat would show nothing of it, or `undefined`. */
export function toChunk(value: unknown, isFirst: boolean): Chunk {
  if (!hasType(value)) throw notAChunk(value);
  const { type } = value;
  if (type === 'text')
    throw fault('its stream has parts of messages (`text`), and not UI message chunks', yields);
  if (foreign.has(type) || !hasText(value))
    throw fault(
      'its stream has parts of the model (`fullStream`), and not UI message chunks',
      'return what `streamText` gives itself',
    );
  if (isFirst && ofProvider.test(type))
    throw fault(
      'its stream has events of a provider’s own client, and not UI message chunks',
      'use the AI SDK’s provider with `streamText`, and return what that gives',
    );
  return value;
}

export function notAChunk(value: unknown): HoldfastError {
  if (typeof value === 'string')
    return fault(
      'its stream has texts, and not UI message chunks',
      `return what \`streamText\` gives itself and not its \`textStream\`, or ${yields}`,
    );
  if (value instanceof Uint8Array)
    return fault(
      'its stream has bytes, and not UI message chunks',
      'return what `streamText` gives itself, and not the body of a Response',
    );
  return fault('its stream has a value without a `type`, which is no UI message chunk', returns);
}
