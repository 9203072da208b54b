import type { GatewaySocket } from '@holdfast/server';
import type { WebSocket } from 'ws';

/** A socket of the package `ws`, as the gateway takes it. */
export function adapt(socket: WebSocket): GatewaySocket {
  let drained = () => {};
  // `ws` closes by itself what breaks the protocol, and throws where nobody listens.
  socket.on('error', () => {});
  return {
    protocol: socket.protocol,
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (text) => {
      for (const each of [text].flat()) socket.send(each, { binary: false }, () => drained());
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) => {
      socket.on('message', (data, isBinary) => listener(isBinary ? null : data.toString()));
    },
    onClose: (listener) => {
      socket.once('close', listener);
    },
    onDrain: (listener) => {
      drained = listener;
    },
  };
}
