import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createUIMessageStreamResponse, UI_MESSAGE_STREAM_HEADERS } from 'ai';
import { createResumableStreamContext } from 'assistant-stream/resumable';
import { createIoredisResumableStreamStore } from 'assistant-stream/resumable/ioredis';
import { Redis } from 'ioredis';
import { answer, scheduleOf } from '../schedule.ts';
import { bodyOf } from './sse.ts';

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** SSE of the AI SDK through assistant-ui's resumable streams on Redis. */
export function serveAssistantStream(redisUrl: string): Server {
  const context = createResumableStreamContext({
    store: createIoredisResumableStreamStore(new Redis(redisUrl)),
  });
  /** Stands for the application's database, and costs nothing. */
  const active = new Map<string, string>();

  return createServer(async (request, response) => {
    if (request.method === 'POST') {
      const body = await bodyOf(request);
      const streamId = randomUUID();
      active.set(body.id, streamId);
      const stream = answer(scheduleOf(body));
      const make = () => createUIMessageStreamResponse({ stream }).body as Bytes;
      await pass(await context.run(streamId, make), response);
      return;
    }
    const streamId = active.get(request.url?.split('/').at(-2) ?? '');
    const stream = streamId && (await context.resume(streamId));
    if (stream) await pass(stream, response);
    else response.writeHead(204).end();
  });
}

async function pass(stream: ReadableStream, response: ServerResponse): Promise<void> {
  response.writeHead(200, UI_MESSAGE_STREAM_HEADERS);
  // A page that leaves ends its stream, and that is no fault.
  await pipeline(
    Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]),
    response,
  ).catch(() => {});
}
