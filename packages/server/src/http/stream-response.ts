import type { Chunk } from '@holdfast/protocol';
import { createUIMessageStreamResponse, type UIMessageChunk } from 'ai';

/** A stream that is being read, and what breaks it off, so that nobody takes it for whole. */
export interface SseResponse {
  readonly response: Response;
  fail(error: unknown): void;
}

/**
 * Each is called once at most; `onLeft` before `onEnd`, where the client went away in front of the end, with the
 * reason that a reader in this process gave.
 */
export interface SseListener {
  readonly onEnd: () => void;
  readonly onLeft: (reason: unknown) => void;
}

/**
 * The AI SDK's own stream response of these chunks. When the client goes away the generator is
 * returned, which never touches the run.
 */
export function sseResponse(
  chunks: AsyncGenerator<Chunk>,
  { onEnd, onLeft }: SseListener,
): SseResponse {
  let fail: SseResponse['fail'] = () => {};
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      fail = (error) => {
        onEnd();
        controller.error(error);
        void chunks.return(undefined).catch(() => {});
      };
    },
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) {
          controller.close();
          onEnd();
        } else controller.enqueue(next.value as UIMessageChunk);
      } catch (error) {
        onEnd();
        controller.error(error);
      }
    },
    cancel(reason) {
      onLeft(reason);
      onEnd();
      void chunks.return(undefined).catch(() => {});
    },
  });
  const response = createUIMessageStreamResponse({
    stream,
    // Proxies that buffer or compress a stream would hold its chunks back, and none may keep it.
    headers: { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' },
  });
  return { response, fail: (error) => fail(error) };
}
