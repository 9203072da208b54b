import { type UIMessageChunk as Chunk7, readUIMessageStream as read7 } from 'ai';
import { type UIMessageChunk as Chunk6, readUIMessageStream as read6 } from 'ai6';
import type { Chunk } from '../../src/entries.ts';

export interface Reducer {
  readonly sdk: 6 | 7;
  /** The message that the SDK makes of the chunks; rejects where the SDK finds them invalid. */
  readonly reduce: (chunks: readonly Chunk[]) => Promise<unknown>;
}

/** The reducer yields only after visible changes; this one makes the last state visible. */
const flush: Chunk = { type: 'message-metadata', messageMetadata: { flushed: true } };

/** The SDK keeps data chunks as parts and writes into them, so it gets copies. */
function streamOf<C>(chunks: readonly Chunk[]): ReadableStream<C> {
  const copies = structuredClone([...chunks, flush]);
  return new ReadableStream({
    start(controller) {
      for (const chunk of copies) controller.enqueue(chunk as C);
      controller.close();
    },
  });
}

async function lastOf(messages: AsyncIterable<unknown>, thrown: () => unknown): Promise<unknown> {
  let last: unknown;
  for await (const message of messages) last = message;
  if (thrown() !== undefined) throw thrown();
  return last;
}

/** An `error` chunk is reported the same way as a fault of the list, but the list goes on. */
const isFault = (error: unknown): boolean => error instanceof Error && error.name.startsWith('AI_');

export const reducers: readonly Reducer[] = [
  {
    sdk: 7,
    reduce: (chunks) => {
      let fault: unknown;
      const onError = (error: unknown): void => {
        if (isFault(error)) fault = error;
      };
      return lastOf(read7({ stream: streamOf<Chunk7>(chunks), onError }), () => fault);
    },
  },
  {
    sdk: 6,
    reduce: (chunks) => {
      let fault: unknown;
      const onError = (error: unknown): void => {
        if (isFault(error)) fault = error;
      };
      return lastOf(read6({ stream: streamOf<Chunk6>(chunks), onError }), () => fault);
    },
  },
];
