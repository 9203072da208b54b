import type { GatewaySocket, Holdfast } from '@holdfast/server';
import type { Hooks, Peer } from 'crossws';

interface Listeners {
  message(text: string | null): void;
  close(): void;
  drain(): void;
}

/** The hooks of crossws, which give its peers to the gateway: for H3, Nitro and Nuxt. */
export function gatewayHooks(holdfast: Holdfast): Partial<Hooks> {
  const peers = new WeakMap<Peer, Listeners>();
  return {
    upgrade: (request) => {
      const protocol = firstOffered(request);
      return protocol ? { protocol } : {};
    },
    open(peer) {
      const listeners: Listeners = { message: () => {}, close: () => {}, drain: () => {} };
      peers.set(peer, listeners);
      holdfast.accept(socketOf(peer, listeners), peer.request);
    },
    message: (peer, message) => peers.get(peer)?.message(message.text()),
    close: (peer) => peers.get(peer)?.close(),
    drain: (peer) => peers.get(peer)?.drain(),
  };
}

const firstOffered = ({ headers }: Request): string =>
  headers.get('sec-websocket-protocol')?.split(',')[0]?.trim() ?? '';

function socketOf(peer: Peer, listeners: Listeners): GatewaySocket {
  const decoder = new TextDecoder();
  return {
    protocol: firstOffered(peer.request),
    get bufferedAmount() {
      return peer.websocket.bufferedAmount ?? 0;
    },
    send: (text) => {
      for (const each of [text].flat())
        peer.send(typeof each === 'string' ? each : decoder.decode(each));
    },
    close: (code, reason) => peer.close(code, reason),
    onMessage: (listener) => {
      listeners.message = listener;
    },
    onClose: (listener) => {
      listeners.close = listener;
    },
    onDrain: (listener) => {
      listeners.drain = listener;
    },
  };
}
