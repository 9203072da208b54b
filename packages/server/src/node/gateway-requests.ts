import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Holdfast } from '../holdfast.ts';

/**
 * What a port that has sockets answers to requests: whether it is ready at `health`, that it is alive below that at
 * `/live`, and of all else that there is nothing. Strangers may reach it, so it says two words and no counts.
 */
export const answerRequests =
  (holdfast: Holdfast, health: string | undefined) =>
  async ({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path] = url.split('?');
    if (health === undefined || (path !== health && path !== `${health}/live`)) {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('This port has the WebSockets of Holdfast, and nothing else.\n');
      return;
    }
    const { ready, phase } =
      path === health ? await holdfast.health() : { ready: true, phase: 'live' };
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(ready ? 200 : 503, headers);
    response.end(`${JSON.stringify({ ready, phase })}\n`);
  };
