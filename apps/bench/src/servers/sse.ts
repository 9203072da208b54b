import { createServer, type IncomingMessage, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { pipeUIMessageStreamToResponse } from 'ai';
import { answer, scheduleOf } from '../schedule.ts';

/** What a POST of a stock client carries. */
export interface StockBody {
  readonly id: string;
}

export const bodyOf = async (request: IncomingMessage): Promise<StockBody> =>
  (await json(request)) as StockBody;

/** Direct SSE: the answer is the response to the POST, as in the AI SDK's first example. */
export function serveSse(): Server {
  return createServer(async (request, response) => {
    const stream = answer(scheduleOf(await bodyOf(request)));
    await pipeUIMessageStreamToResponse({ response, stream });
  });
}
