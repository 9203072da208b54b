import type { GatewaySocket } from '@holdfast/server';
import type { ServerWebSocket } from 'bun';

/** What a socket carries: the request that opened it, and who listens. */
export interface Opened {
  readonly request: Request;
  readonly protocol: string;
  message?: (text: string | null) => void;
  close?: () => void;
  drain?: () => void;
}

/** A socket of Bun, as the gateway takes it. */
export function adapt(socket: ServerWebSocket<Opened>): GatewaySocket {
  const decoder = new TextDecoder();
  return {
    protocol: socket.data.protocol,
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
