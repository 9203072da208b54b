import type { SocketConstructor } from '@holdfast/client';
import { WebSocket } from 'ws';

export interface Sockets {
  readonly WebSocket: SocketConstructor;
  readonly all: readonly WebSocket[];
  readonly open: readonly WebSocket[];
  /** Resolves once this many sockets were made. */
  made(count: number): Promise<void>;
  /** Loses every connection without a goodbye. */
  cut(): void;
}

/** Real sockets that a test can cut; `onMessage` is told of each before the client is. */
export function sockets(onMessage: (socket: WebSocket) => void = () => {}): Sockets {
  const all: WebSocket[] = [];
  const waiting = new Set<() => void>();
  class Tracked extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      all.push(this);
      for (const wake of waiting) wake();
      this.on('message', () => onMessage(this));
    }
  }
  const open = (): WebSocket[] => all.filter((socket) => socket.readyState <= WebSocket.OPEN);
  return {
    WebSocket: Tracked,
    all,
    get open() {
      return open();
    },
    made: async (count) => {
      while (all.length < count)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
    },
    cut: () => {
      for (const socket of open()) socket.terminate();
    },
  };
}
