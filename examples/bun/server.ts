import { createHoldfast, type GatewaySocket } from '@holdfast/server';
import type { ServerWebSocket } from 'bun';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });

interface Opened {
  readonly request: Request;
  message?: (text: string | null) => void;
  close?: () => void;
  drain?: () => void;
}

const server = Bun.serve<Opened>({
  port: Number(process.env.PORT ?? 3000),
  idleTimeout: 60, // the heartbeat of a stream comes every 25 s
  fetch(request, server) {
    const [first, ...path] = new URL(request.url).pathname.split('/').filter(Boolean);
    if (first === 'holdfast' && path.length === 0) {
      const [protocol = ''] = (request.headers.get('sec-websocket-protocol') ?? '').split(
        /\s*,\s*/,
      );
      const headers = protocol ? { 'sec-websocket-protocol': protocol } : {};
      if (server.upgrade(request, { data: { request }, headers })) return;
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

function adapt(socket: ServerWebSocket<Opened>): GatewaySocket {
  const decoder = new TextDecoder();
  return {
    protocol: socket.data.request.headers.get('sec-websocket-protocol')?.split(/\s*,\s*/)[0] ?? '',
    get bufferedAmount() {
      return socket.getBufferedAmount();
    },
    send: (text) => {
      for (const each of [text].flat())
        socket.send(typeof each === 'string' ? each : decoder.decode(each));
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) => {
      socket.data.message = listener;
    },
    onClose: (listener) => {
      socket.data.close = listener;
    },
    onDrain: (listener) => {
      socket.data.drain = listener;
    },
  };
}
