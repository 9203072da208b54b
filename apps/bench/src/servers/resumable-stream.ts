import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pipeUIMessageStreamToResponse, UI_MESSAGE_STREAM_HEADERS } from 'ai';
import { createResumableStreamContext } from 'resumable-stream';
import { answer, scheduleOf } from '../schedule.ts';
import { bodyOf } from './sse.ts';

/**
 * SSE with `resumable-stream`, as the AI SDK's page on resuming says. One context serves all
 * requests: one per request, as on that page, would open two connections to Redis each time.
 */
export function serveResumableStream(): Server {
  const context = createResumableStreamContext({ waitUntil: null });
  /** Stands for the application's database, and costs nothing. */
  const active = new Map<string, string>();

  return createServer(async (request, response) => {
    if (request.method === 'POST') {
      const body = await bodyOf(request);
      await pipeUIMessageStreamToResponse({
        response,
        stream: answer(scheduleOf(body)),
        consumeSseStream: async ({ stream }) => {
          const streamId = randomUUID();
          await context.createNewResumableStream(streamId, () => stream);
          active.set(body.id, streamId);
        },
      });
      return;
    }
    const streamId = active.get(request.url?.split('/').at(-2) ?? '');
    const stream = streamId && (await context.resumeExistingStream(streamId));
    if (!stream) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, UI_MESSAGE_STREAM_HEADERS);
    // A page that leaves ends its stream, and that is no fault.
    await pipeline(
      Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]),
      response,
    ).catch(() => {});
  });
}
