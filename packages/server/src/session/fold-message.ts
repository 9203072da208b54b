import { type Chunk, type Message, withResponses } from '@holdfast/protocol';
import {
  type AssistantItem,
  chunksOfItem,
  type ProjectedItem,
} from '@holdfast/protocol/projection';
import { withoutReferences } from './fronts.ts';
import { reduceChunks } from './reduce-chunks.ts';
import type { StoredItem } from './stored-item.ts';

/** Folded messages of items, good as long as the version is the same. */
const folded = new WeakMap<
  AssistantItem,
  { readonly version: number; readonly message: Message }
>();

/**
 * The message that the AI SDK's own reducer makes of an assistant's chunks (HF-ENT-1). Where it gives
 * up on a chunk, the message is what the chunks before it made; an empty list gives a message
 * without parts. Of a long text a part has the end, and references to what is in front of that in `front`.
 */
export async function foldMessage(id: string, chunks: readonly Chunk[]): Promise<Message> {
  const { chunks: shown, restored } = withoutReferences(chunks);
  const whole = restored(withResponses(await reduceChunks(id, shown), shown));
  return whole.id === id ? whole : { ...whole, id };
}

/** An item as a message; one into which nothing was written has no parts. */
export async function messageOf(item: ProjectedItem): Promise<Message> {
  if (item.kind === 'message') return item.message;
  const known = folded.get(item);
  if (known?.version === item.version) return known.message;
  const { version } = item;
  const message = await foldMessage(item.id, chunksOfItem(item));
  folded.set(item, { version, message });
  return message;
}

/** A stored message as it is shown. */
export const messageOfStored = (item: StoredItem): Message | Promise<Message> =>
  'message' in item
    ? item.message
    : foldMessage(
        item.id,
        item.segments.flatMap(({ chunks }) => chunks),
      );

/** An answer that says nothing, such as one that was stopped before its first word, is not shown. */
export const isShown = (message: Message): boolean =>
  message.role !== 'assistant' || message.parts.length > 0;

/** True for an answer, also one that was folded long ago, and not for a message of an operator. */
export const isOfAgent = (item: ProjectedItem): boolean =>
  item.kind === 'assistant' ||
  (item.by === undefined ? item.message.role === 'assistant' : item.by.role === 'agent');
