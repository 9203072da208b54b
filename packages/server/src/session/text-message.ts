import type { Chunk, Message } from '@holdfast/protocol';

interface TextPart {
  readonly type: 'text';
  text: string;
  readonly providerMetadata: undefined;
  state: 'streaming' | 'done';
}

/** The members that a chunk may have here; one with others is for the reducer of the AI SDK. */
const members: ReadonlyMap<string, readonly string[]> = new Map([
  ['start', ['messageId']],
  ['start-step', []],
  ['text-start', ['id']],
  ['text-delta', ['id', 'delta']],
  ['text-end', ['id']],
  ['finish-step', []],
  ['finish', ['finishReason']],
]);

/**
 * The message of an answer that is text alone, as the reducer of the AI SDK makes it: that needs a stream, and most
 * answers are nothing else. Null for what is not that simple, or not well formed.
 */
export function textMessage(id: string, chunks: readonly Chunk[]): Message | null {
  const parts: (TextPart | { readonly type: 'step-start' })[] = [];
  const open = new Map<unknown, TextPart>();
  for (const chunk of chunks) {
    if (!isSimple(chunk)) return null;
    const { type } = chunk;
    if (type === 'start' && (chunk.messageId ?? id) !== id) return null;
    if (type === 'start-step') parts.push({ type: 'step-start' });
    // Versions of the SDK differ in whether a step ends what is open in it.
    if (type === 'finish-step' && open.size > 0) return null;
    if (!('id' in chunk)) continue;
    if (type === 'text-start') {
      const part: TextPart = {
        type: 'text',
        text: '',
        providerMetadata: undefined,
        state: 'streaming',
      };
      parts.push(part);
      open.set(chunk.id, part);
      continue;
    }
    const part = open.get(chunk.id);
    if (!part) return null;
    if (type === 'text-delta') part.text += chunk.delta as string;
    else {
      part.state = 'done';
      open.delete(chunk.id);
    }
  }
  return { id, role: 'assistant', metadata: undefined, parts } as Message;
}

function isSimple(chunk: Chunk): boolean {
  const known = members.get(chunk.type);
  if (!known) return false;
  for (const name in chunk) if (name !== 'type' && !known.includes(name)) return false;
  if (chunk.type === 'text-delta' && typeof chunk.delta !== 'string') return false;
  return !known.includes('id') || typeof chunk.id === 'string';
}
