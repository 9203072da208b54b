import { type HoldfastError, isRecord } from '@holdfast/protocol';
import { jsonSchema, parseJsonEventStream, type UIMessageChunk } from 'ai';
import { EventGuard } from './event-guard.ts';
import { remoteAway, remoteFault, unreadable } from './remote-fault.ts';

/** Accepts all: the SDK's own schema would refuse chunks of kinds that it does not know. */
const anything = jsonSchema<unknown>({});

/** Chunks behind which an answer may end; behind an `error` it is over. */
const lastChunks: ReadonlySet<unknown> = new Set(['finish', 'abort']);

const brokenOff = (cause?: unknown): HoldfastError =>
  remoteAway(
    'its stream broke off before `[DONE]` or a chunk `finish`',
    'The answer broke off: the connection to the agent was lost.',
    cause,
  );

/** As the error that it is: a chunk would be shown, and nobody who runs the server be told. */
const failed = (errorText: unknown): HoldfastError =>
  remoteFault(
    'it sent a chunk `error`',
    'its own log says why',
    typeof errorText === 'string' ? errorText : unreadable,
  );

/** The chunks of an answer, read by the SDK's own parser. Rejects, in words, where they are none or not all. */
export async function* remoteChunks(
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<UIMessageChunk> {
  if (!response.body) throw brokenOff();
  const guard = new EventGuard();
  const stream = guard.through(response.body);
  let isComplete = false;
  for await (const event of parseJsonEventStream({ stream, schema: anything })) {
    const chunk = event.success ? event.value : undefined;
    if (!isRecord(chunk) || typeof chunk.type !== 'string')
      throw remoteFault(
        `its stream has an event ${event.success ? 'without a `type`' : 'that is no JSON'}`,
        'each event has to be one UI message chunk of the AI SDK, as a whole',
        unreadable,
      );
    if (chunk.type === 'error') throw failed(chunk.errorText);
    isComplete ||= lastChunks.has(chunk.type);
    yield chunk as unknown as UIMessageChunk;
  }
  signal.throwIfAborted();
  if (!isComplete && !guard.isDone) throw brokenOff(guard.broke);
}
