import type { Chunk } from '@holdfast/protocol';

const outputs: ReadonlySet<string> = new Set([
  'tool-output-available',
  'tool-output-error',
  'tool-output-denied',
]);

/** Settles what the next chunk says anyway, so that the typed text does not stay as `rawInput`. */
const clearRawInput = (toolCallId: unknown): Chunk => ({
  type: 'tool-output-available',
  toolCallId,
  output: null,
  preliminary: true,
});

/**
 * A replay in which calls that are settled are written as typed text, because the SDK calls
 * `onToolCall` for every `tool-input-available` and a tool would run again in every tab. The SDK
 * makes the same message of it.
 */
export function quietReplay(chunks: readonly Chunk[]): Chunk[] {
  const settled = new Map<unknown, Chunk>();
  const called = new Map<unknown, Chunk>();
  for (const chunk of chunks) {
    if (outputs.has(chunk.type) && chunk.preliminary !== true) settled.set(chunk.toolCallId, chunk);
    if (chunk.type === 'tool-input-available' && chunk.providerExecuted !== true)
      called.set(chunk.toolCallId, chunk);
  }
  const isQuiet = (id: unknown): boolean => settled.has(id) && called.has(id);
  const started = new Set<unknown>();
  const quiet: Chunk[] = [];
  for (const chunk of chunks) {
    const id = chunk.toolCallId;
    if (id === undefined || !isQuiet(id)) quiet.push(chunk);
    else if (chunk.type === 'tool-input-start') {
      started.add(id);
      quiet.push(startOf(called.get(id), chunk));
    } else if (chunk.type === 'tool-input-available') {
      if (!started.has(id)) quiet.push(startOf(chunk, chunk));
      const input = JSON.stringify(chunk.input) ?? 'null';
      quiet.push({ type: 'tool-input-delta', toolCallId: id, inputTextDelta: input });
    } else if (chunk.type !== 'tool-input-delta') {
      if (chunk.type === 'tool-output-error') quiet.push(clearRawInput(id));
      quiet.push(chunk);
    }
  }
  return quiet;
}

/** A start that also says what only the call said, such as a provider's signature. */
function startOf(call: Chunk | undefined, place: Chunk): Chunk {
  const { input: _, inputEncoding: __, ...start } = { ...place, ...call };
  return { ...start, type: 'tool-input-start' };
}
