import { type Chunk, HoldfastError, isRecord } from '@holdfast/protocol';
import { tellUsers } from '../user-text.ts';

const returns =
  'return what `streamText` or the `stream()` of an agent gives, a ReadableStream of UI message chunks, or an async iterable of them';

const forUsers = 'The agent gave no answer that can be shown; the server’s log says why.';

const fault = (what: string, cure: string): HoldfastError =>
  tellUsers(new HoldfastError('internal', `unable to read the agent: ${what}; ${cure}`), forUsers);

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
  const kind = typeof result === 'object' ? 'an object' : `a ${typeof result}`;
  return fault(`it returned ${Array.isArray(result) ? 'a list' : kind} that is no stream`, returns);
}

const hasType = (value: unknown): value is Chunk =>
  isRecord(value) && typeof value.type === 'string';

/** True for a value that may be left out behind a chunk: it says nothing that a user could miss. */
export const isStray = (value: unknown): boolean =>
  !hasType(value) && typeof value !== 'string' && !(value instanceof Uint8Array);

/** A value of a stream as a chunk; throws for what is none. */
export function toChunk(value: unknown): Chunk {
  if (!hasType(value)) throw notAChunk(value);
  // The streams that a model writes have deltas of another form, of which a chat would show `undefined`.
  if (value.type === 'text-delta' && typeof value.delta !== 'string')
    throw fault(
      'its stream has parts of the model (`fullStream`), and not UI message chunks',
      'return what `streamText` gives itself',
    );
  return value;
}

export function notAChunk(value: unknown): HoldfastError {
  if (typeof value === 'string')
    return fault(
      'its stream has texts, and not UI message chunks',
      'return what `streamText` gives itself and not its `textStream`, or yield { type: "text-start", id }, { type: "text-delta", id, delta } and { type: "text-end", id }',
    );
  if (value instanceof Uint8Array)
    return fault(
      'its stream has bytes, and not UI message chunks',
      'return what `streamText` gives itself, and not the body of a Response',
    );
  return fault('its stream has a value without a `type`, which is no UI message chunk', returns);
}
