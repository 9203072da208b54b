import { randomUUID } from 'node:crypto';
import {
  type Chunk,
  isRecord,
  isTextReference,
  type Message,
  type TextReference,
} from '@holdfast/protocol';

/** What no model can have written, since nobody outside of this process knows it. */
const mark = `\u0000${randomUUID()} `;
const marks = new RegExp(`${mark}(\\d+)\\u0000`, 'g');

/**
 * Chunks that the AI SDK's reducer takes, with marks in the place of references to pieces of texts, and what makes
 * fronts of these again.
 */
export function withoutReferences(chunks: readonly Chunk[]): {
  readonly chunks: readonly Chunk[];
  readonly restored: (message: Message) => Message;
} {
  const references: TextReference[] = [];
  const marked = chunks.map((chunk) => {
    const { delta } = chunk;
    if (!isTextReference(delta)) return chunk;
    references.push(delta);
    return { ...chunk, delta: `${mark}${references.length - 1}\u0000` };
  });
  if (references.length === 0) return { chunks, restored: (message) => message };
  return { chunks: marked, restored: (message) => withFronts(message, references) };
}

/** Pieces stand in front of what is left of their text. */
function withFronts(message: Message, references: readonly TextReference[]): Message {
  const parts = message.parts.map((part) => {
    if (!isRecord(part) || typeof part.text !== 'string' || !part.text.includes(mark)) return part;
    const front: unknown[] = [];
    const text = part.text.replace(marks, (_, index: string) => {
      front.push(references[Number(index)]);
      return '';
    });
    return { ...part, front, text };
  });
  return { ...message, parts };
}
