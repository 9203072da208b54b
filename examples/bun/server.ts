import { createHoldfast } from '@holdfast/server';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';
import { adapt, type Opened } from './socket.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });

const server = Bun.serve<Opened>({
  port: Number(process.env.PORT ?? 3000),
  idleTimeout: 60, // the heartbeat of a stream comes every 25 s
  fetch(request, server) {
    const [first, ...path] = new URL(request.url).pathname.split('/').filter(Boolean);
    if (first === 'holdfast' && path.length === 0) {
      const offered = request.headers.get('sec-websocket-protocol') ?? '';
      const protocol = offered.split(',')[0]?.trim() ?? '';
      const headers = protocol ? { 'sec-websocket-protocol': protocol } : {};
      if (server.upgrade(request, { data: { request, protocol }, headers })) return;
    }
    if (first === 'api' && path[0] === 'chat')
      return holdfast.handle(request, { agent, path: path.slice(1) });
    return new Response('Not found\n', { status: 404 });
  },
  websocket: {
    maxPayloadLength: 65_536,
    open: (socket) => holdfast.accept(adapt(socket), socket.data.request),
    message: ({ data }, text) => data.message?.(typeof text === 'string' ? text : null),
    close: ({ data }) => data.close?.(),
    drain: ({ data }) => data.drain?.(),
  },
});
holdfast.closeOnSignals({ onClosed: () => server.stop() });
