import type { GatewaySocket } from '../gateway/socket.ts';

type Listener = (event: { readonly data?: unknown; readonly code: number }) => void;

/** A client's end of a socket: what clients use of a `WebSocket`. */
export interface TestSocket {
  /** Sends a text frame; dropped once the socket is closed. */
  send(data: string): void;
  /** Ends both ends; twice is once. */
  close(code?: number): void;
  /** Listens as an `EventTarget` does. */
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

/** Closed by a network, without a word of the peer (RFC 6455, 7.4.1). */
const abnormal = 1006;

const isList = (given: unknown): given is readonly Uint8Array[] => Array.isArray(given);

/**
 * Both ends of a socket in one process; null for the server's where the network is cut. Frames arrive in their
 * order and never within the call that sends them, as with a real one.
 */
export function createSocketPair(
  protocol: string,
  network: AbortSignal,
): { readonly client: TestSocket; readonly server: GatewaySocket | null } {
  const listeners = new Map<string, Listener[]>();
  let isClosed = false;
  let onMessage: (text: string | null) => void = () => {};
  let onClose = () => {};

  const later = (act: () => void) => queueMicrotask(act);
  const tell: (type: string, event?: Parameters<Listener>[0]) => void = (
    type,
    event = { code: 0 },
  ) => {
    for (const listener of listeners.get(type) ?? []) listener(event);
  };
  const end = (code: number) => {
    if (isClosed) return;
    isClosed = true;
    later(() => {
      if (code === abnormal) tell('error');
      tell('close', { code });
      onClose();
    });
  };
  network.addEventListener('abort', () => end(abnormal), { once: true });
  if (network.aborted) end(abnormal);
  else later(() => isClosed || tell('open'));

  const toClient = (frame: string | Uint8Array) => {
    const data = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
    later(() => isClosed || tell('message', { data, code: 0 }));
  };
  const client: TestSocket = {
    send: (data) => later(() => isClosed || onMessage(data)),
    close: (code = 1000) => end(code),
    addEventListener: (type: string, listener: (event: never) => void) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener as Listener]);
    },
  };
  const server: GatewaySocket = {
    protocol,
    bufferedAmount: 0,
    send: (given) => {
      for (const frame of isList(given) ? given : [given]) toClient(frame);
    },
    close: (code) => later(() => end(code)),
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
  };
  return { client, server: network.aborted ? null : server };
}
