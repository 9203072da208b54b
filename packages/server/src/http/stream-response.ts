import type { Chunk } from '@holdfast/protocol';
import { createUIMessageStreamResponse, type UIMessageChunk } from 'ai';

/**
 * What stock clients read: `ui`, the SDK's UI message stream, or `text`, the text of the answer and nothing else, for
 * the SDK's `TextStreamChatTransport`.
 */
export type StreamForm = 'ui' | 'text';

/** A stream that is being read, and what breaks it off, so that nobody takes it for whole. */
export interface StreamResponse {
  readonly response: Response;
  fail(error: unknown): void;
}

/**
 * Each is called once at most; `onLeft` before `onEnd`, where the client went away in front of the end, with the
 * reason that a reader in this process gave.
 */
export interface StreamListener {
  readonly onEnd: () => void;
  readonly onLeft: (reason: unknown) => void;
}

/** Why a text has been broken off at an error of its answer: its client has not gone away (HF-HTTP-37). */
class BrokenOff extends Error {}

/** Proxies that buffer or compress a stream would hold its chunks back, and none may keep it. */
const headers = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };

/**
 * A response of these chunks, in the AI SDK's own form. When the client goes away the generator is returned, which
 * never touches the run.
 */
export function streamResponse(
  chunks: AsyncGenerator<Chunk>,
  form: StreamForm,
  { onEnd, onLeft }: StreamListener,
): StreamResponse {
  let fail: StreamResponse['fail'] = () => {};
  let state: 'open' | 'over' = 'open';
  /** False when it was over before: who leaves ends a read that is under way, which ends nothing again. */
  const end = (): boolean => {
    if (state === 'over') return false;
    state = 'over';
    onEnd();
    return true;
  };
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      fail = (error) => {
        if (!end()) return;
        controller.error(error);
        void chunks.return(undefined).catch(() => {});
      };
    },
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) {
          if (end()) controller.close();
        } else if (state === 'open') controller.enqueue(next.value as UIMessageChunk);
      } catch (error) {
        if (end()) controller.error(error);
      }
    },
    cancel(reason) {
      if (!(reason instanceof BrokenOff)) onLeft(reason);
      end();
      void chunks.return(undefined).catch(() => {});
    },
  });
  const response =
    form === 'text' ? textResponse(stream) : createUIMessageStreamResponse({ stream, headers });
  return { response, fail: (error) => fail(error) };
}

/** A text has no place for an error: it is broken off, so that nobody takes it for whole. */
function textResponse(stream: ReadableStream<UIMessageChunk>): Response {
  const text = new TransformStream<UIMessageChunk, string>({
    transform(chunk, controller) {
      if (chunk.type === 'text-delta') controller.enqueue(chunk.delta);
      else if (chunk.type === 'error') controller.error(new BrokenOff(chunk.errorText));
    },
  });
  return new Response(stream.pipeThrough(text).pipeThrough(new TextEncoderStream()), {
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  });
}
