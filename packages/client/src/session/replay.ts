import type { Chunk } from '@holdfast/protocol';

/** Ids of calls on which the last word is said. */
const settledBy = (chunks: readonly Chunk[]): ReadonlySet<unknown> =>
  new Set(
    chunks
      .filter(({ type, preliminary }) => /^tool-output-/.test(type) && preliminary !== true)
      .map(({ toolCallId }) => toolCallId),
  );

/**
 * A replay in which calls that are settled are written as typed text, because the SDK calls
 * `onToolCall` for every `tool-input-available` and a tool would run again in every tab. The SDK
 * makes the same message of it.
 */
export function quietReplay(chunks: readonly Chunk[]): Chunk[] {
  const settled = settledBy(chunks);
  const calls = new Map<unknown, Chunk>();
  for (const chunk of chunks)
    if (
      chunk.type === 'tool-input-available' &&
      chunk.providerExecuted !== true &&
      settled.has(chunk.toolCallId)
    )
      calls.set(chunk.toolCallId, chunk);
  const started = new Set<unknown>();
  return chunks.flatMap((chunk) => {
    const { type, toolCallId } = chunk;
    const call = calls.get(toolCallId);
    if (!call) return chunk;
    // A start that also says what only the call said, such as a provider's signature.
    const start = {
      ...chunk,
      ...call,
      type: 'tool-input-start',
      input: undefined,
      inputEncoding: undefined,
    };
    const wasStarted = started.has(toolCallId);
    started.add(toolCallId);
    switch (type) {
      case 'tool-input-start':
        return start;
      case 'tool-input-delta':
        return [];
      case 'tool-input-available': {
        const inputTextDelta = JSON.stringify(chunk.input) ?? '';
        const typed = { type: 'tool-input-delta', toolCallId, inputTextDelta };
        // An output that is none, so that the typed text does not stay as `rawInput`.
        const read = { type: 'tool-output-available', toolCallId };
        return wasStarted ? [typed, read] : [start, typed, read];
      }
      default:
        return chunk;
    }
  });
}
