import type { Chunk, Message } from '@holdfast/protocol';
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import { chunksOfItem, type ProjectedItem } from './projection.ts';

/**
 * What the AI SDK's own reducer makes of an assistant message's chunks (HF-ENT-1). Where it gives
 * up on a chunk, the message is what the chunks before it made; an empty list gives a message
 * without parts.
 */
export async function foldMessage(id: string, chunks: readonly Chunk[]): Promise<Message> {
  let message: Message = { id, role: 'assistant', parts: [] };
  const states = readUIMessageStream({
    stream: streamOf(chunks),
    // An `error` chunk is part of the history; the run's outcome says that it failed.
    onError: () => {},
  });
  for await (const state of states) message = state as unknown as Message;
  return message.id === id ? message : { ...message, id };
}

function streamOf(chunks: readonly Chunk[]): ReadableStream<UIMessageChunk> {
  const rest = chunks.values();
  return new ReadableStream({
    pull(controller) {
      const next = rest.next();
      if (next.done) controller.close();
      // A copy, because the reducer keeps data chunks as parts and writes into them later. It
      // ignores the kinds that it does not know.
      else controller.enqueue({ ...next.value } as UIMessageChunk);
    },
  });
}

/** An item as a message; null for an assistant message into which nothing was written. */
export async function messageOf(item: ProjectedItem): Promise<Message | null> {
  if (item.kind === 'message') return item.message;
  if (item.folded?.version !== item.version) {
    const { version } = item;
    item.folded = { version, message: await foldMessage(item.id, chunksOfItem(item)) };
  }
  return item.folded.message.parts.length === 0 ? null : item.folded.message;
}
