import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { UI_MESSAGE_STREAM_HEADERS } from 'ai';
import { answer, scheduleOf } from '../schedule.ts';
import { bodyOf } from './sse.ts';

/**
 * SSE written by hand: the same events, without the streams of the AI SDK between the agent and the
 * response. The least that SSE can cost.
 */
export function serveSseBare(): Server {
  return createServer(async (request, response) => {
    const stream = answer(scheduleOf(await bodyOf(request)));
    response.writeHead(200, UI_MESSAGE_STREAM_HEADERS);
    for await (const chunk of stream)
      if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await once(response, 'drain');
    response.end('data: [DONE]\n\n');
  });
}
