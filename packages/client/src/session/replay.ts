import type { Chunk } from '@holdfast/protocol';

// Loaded when a replay has a call in it. It imports nothing that the page has already, so that it is one piece for
// every bundler.

/**
 * A replay in which calls that are settled are written as typed text, because the SDK calls
 * `onToolCall` for every `tool-input-available` and a tool would run again in every tab. The SDK
 * makes the same message of it.
 */
export function quietReplay(chunks: readonly Chunk[], settles: (chunk: Chunk) => boolean): Chunk[] {
  const settled = new Set(chunks.filter(settles).map(({ toolCallId }) => toolCallId));
  const calls = new Map(
    chunks
      .filter(
        ({ type, providerExecuted }) =>
          type === 'tool-input-available' && providerExecuted !== true,
      )
      .map((chunk) => [chunk.toolCallId, chunk]),
  );
  return chunks.flatMap((chunk) => {
    const { type, toolCallId } = chunk;
    const call = settled.has(toolCallId) && calls.get(toolCallId);
    if (!call) return chunk;
    // A start that also says what only the call said, such as a provider's signature.
    const start = {
      ...chunk,
      ...call,
      type: 'tool-input-start',
      input: undefined,
      inputEncoding: undefined,
    };
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
        return [start, typed, read];
      }
      default:
        return chunk;
    }
  });
}
