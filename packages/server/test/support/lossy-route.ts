import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * What becomes of a request. `answer`: done, and its answer is lost. `request`: lost before it is done.
 * `busy`: refused for now. `forged`: not done, and answered as if it were, as by a log that loses it afterwards.
 * `proxy` and `stranger`: not done, and answered in JSON by what stands in between, with an error or a success.
 */
type Loss = 'answer' | 'request' | 'busy' | 'forged' | 'proxy' | 'stranger';

/** A route in front of another one, which does that to the next requests of a verb. */
export interface LossyRoute {
  readonly api: string;
  /** Every request that came, by its verb. */
  readonly came: readonly string[];
  lose(verb: string, ...losses: readonly Loss[]): void;
}

export async function lossyRoute(origin: string): Promise<LossyRoute> {
  const planned = new Map<string, Loss[]>();
  const came: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const verb = request.url?.split('/').at(-1) ?? '';
      came.push(verb);
      const loss = planned.get(verb)?.shift();
      const body = await textOf(request);
      if (loss === 'request') return request.socket.destroy();
      if (loss === 'busy') return response.writeHead(503).end('<html>');
      if (loss === 'proxy') return response.writeHead(502).end('{"error":"Bad Gateway"}');
      if (loss === 'stranger') return response.end('{"message":"Back soon"}');
      if (loss === 'forged') {
        const next = JSON.parse(body).seq + 1;
        return response.end(JSON.stringify({ state: 'running', cancelled: false, next }));
      }
      const { method = 'POST', headers } = request;
      const answer = await fetch(`${origin}${request.url}`, {
        method,
        headers: headers as Record<string, string>,
        body,
      });
      const text = await answer.text();
      if (loss === 'answer') return request.socket.destroy();
      return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    })().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    api: `http://127.0.0.1:${port}/api/chat`,
    came,
    lose: (verb, ...losses) => {
      planned.set(verb, [...losses]);
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
