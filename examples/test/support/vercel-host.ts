// Stands for Vercel's runtime, as far as its package `@vercel/functions` asks for it.
import { createServer, type IncomingMessage } from 'node:http';
import { toNodeHandler } from '@holdfast/server/node';
import { agent } from '../../agent.ts';
import { GET } from '../../vercel/app/holdfast/route.ts';
import { holdfast } from '../../vercel/lib/holdfast.ts';

const chat = toNodeHandler(holdfast, { agent });
const server = createServer(async (request, response) => {
  if (!(await chat(request, response))) response.writeHead(404).end();
});

const asRequest = ({ url = '/', headers }: IncomingMessage) =>
  new Request(new URL(url, `http://${headers.host}`), { headers: headers as HeadersInit });

server.on('upgrade', (incoming, socket, head) => {
  const context = { upgradeWebSocket: () => ({ req: incoming, socket, head }) };
  Object.assign(globalThis, { [Symbol.for('@vercel/request-context')]: { get: () => context } });
  GET(asRequest(incoming)).catch((error) => {
    console.error(error);
    socket.destroy();
  });
});
// Not before the last bytes of its responses are out.
holdfast.closeOnSignals({
  onClosed: () => new Promise<void>((closed) => server.close(() => closed())),
});
server.listen(Number(process.env.PORT));
