import { stream } from '@durable-streams/client';
import type { UIMessageChunk } from 'ai';
import type { OpenPage } from './page.ts';

/** Reads an answer's stream by SSE from its beginning, as the client of Durable Streams offers it. */
export const openDurableStreamsPage: OpenPage = (origin, chatId) => {
  const gone = new AbortController();
  const { signal } = gone;
  const read = async (url: string): Promise<ReadableStream<UIMessageChunk>> => {
    const response = await stream<UIMessageChunk>({ url, live: 'sse', json: true, signal });
    return response.jsonStream().pipeThrough(untilFinish());
  };
  return {
    open: async () => {
      const response = await fetch(`${origin}/streams/${chatId}`, { signal });
      return response.ok ? read(await response.text()) : null;
    },
    send: async (schedule) => {
      const response = await fetch(`${origin}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({ id: chatId, schedule }),
        signal,
      });
      return read(await response.text());
    },
    stop: null,
    frames: null,
    close: () => gone.abort(),
  };
};

/** A stream has no end of its own while its writer has not closed it. */
const untilFinish = (): TransformStream<UIMessageChunk, UIMessageChunk> =>
  new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      if (chunk.type === 'finish') controller.terminate();
    },
  });
