import { createServer, type Server } from 'node:http';
import { DurableStream, IdempotentProducer } from '@durable-streams/client';
import { DurableStreamTestServer } from '@durable-streams/server';
import { answer, scheduleOf } from '../schedule.ts';
import { bodyOf } from './sse.ts';

/**
 * The reference server of Durable Streams, with its streams in memory, and a route beside it whose
 * agent writes with the client's own producer, as its README recommends. Pages read from the reference
 * server. Both are in this process, which spares the side a hop.
 */
export async function serveDurableStreams(): Promise<Server> {
  const streams = new DurableStreamTestServer({ port: 0, host: '127.0.0.1', compression: false });
  await streams.start();
  const urls = new Map<string, string>();
  let answers = 0;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      const body = await bodyOf(request);
      const url = `${streams.url}/chats/${body.id}/${++answers}`;
      const stream = await DurableStream.create({ url, contentType: 'application/json' });
      urls.set(body.id, url);
      void write(stream, body).catch((error: unknown) => console.error('durable-streams:', error));
      response.end(url);
      return;
    }
    const url = urls.get(request.url?.split('/').at(-1) ?? '');
    if (url) response.end(url);
    else response.writeHead(404).end();
  });
  return server;
}

async function write(stream: DurableStream, body: unknown): Promise<void> {
  const producer = new IdempotentProducer(stream, 'agent', { lingerMs: 0 });
  for await (const chunk of answer(scheduleOf(body))) producer.append(JSON.stringify(chunk));
  await producer.flush();
}
