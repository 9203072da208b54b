import { type Chunk, chunksBeyond, withResponses } from '@holdfast/protocol';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';

/** An assistant message that grows with its chunks. */
export interface Folding<UI_MESSAGE extends UIMessage> {
  /** The message so far; null before there is any. */
  readonly message: UI_MESSAGE | null;
  /** True while chunks are being taken, or were not all taken yet. */
  readonly isBusy: boolean;
  /** Takes the whole list of chunks; false when it does not continue the one before. */
  grow(chunks: readonly Chunk[]): boolean;
  /** Nothing more comes. */
  close(): void;
}

/** Folds chunks with the SDK's own reducer, and calls `changed` whenever the message is another one. */
export function createFolding<UI_MESSAGE extends UIMessage>(
  id: string,
  changed: () => void,
): Folding<UI_MESSAGE> {
  let seen: readonly Chunk[] = [];
  let message: UI_MESSAGE | null = null;
  let state: 'open' | 'closing' | 'done' = 'open';
  let queue: ReadableStreamDefaultController<UIMessageChunk>;
  const stream = new ReadableStream<UIMessageChunk>({
    start: (controller) => {
      queue = controller;
    },
  });

  async function read(): Promise<void> {
    // Where the reducer gives up on a chunk, the message is what the chunks before it made. An error
    // chunk is part of the history; the outcome of its run says that it failed.
    const states = readUIMessageStream<UI_MESSAGE>({ stream, onError: () => {} });
    for await (const next of states) {
      message = withResponses(next.id === id ? next : { ...next, id }, seen);
      changed();
    }
    message ??= { id, role: 'assistant', parts: [] } as unknown as UI_MESSAGE;
    state = 'done';
    changed();
  }
  void read();

  return {
    get message() {
      return message;
    },
    get isBusy() {
      return state !== 'done';
    },
    grow: (chunks) => {
      const beyond = chunksBeyond(seen, chunks);
      if (!beyond || (beyond.length > 0 && state !== 'open')) return false;
      seen = [...chunks];
      // A copy, because the reducer keeps data chunks as parts and writes into them later.
      for (const chunk of beyond) queue.enqueue({ ...chunk } as unknown as UIMessageChunk);
      return true;
    },
    close: () => {
      if (state !== 'open') return;
      state = 'closing';
      queue.close();
    },
  };
}
