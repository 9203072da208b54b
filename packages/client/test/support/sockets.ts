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

export interface Bursts {
  readonly WebSocket: SocketConstructor;
  /** From now on frames are held, up to one that has these words in it: then all are given at once. */
  hold(last: string): void;
  readonly isHeld: boolean;
  /** Resolves when they were given. */
  given(): Promise<void>;
}

/** Real sockets that give many frames in one breath, as one does that reads them from one packet. */
export function bursts(): Bursts {
  let last: string | null = null;
  let given = Promise.withResolvers<void>();
  class Bursting extends WebSocket {
    #held: unknown[][] = [];
    override emit(event: string, ...more: unknown[]): boolean {
      if (event !== 'message' || last === null) return super.emit(event, ...more);
      this.#held.push(more);
      if (!String(more[0]).includes(last)) return true;
      last = null;
      for (const held of this.#held.splice(0)) super.emit(event, ...held);
      given.resolve();
      return true;
    }
  }
  return {
    WebSocket: Bursting,
    hold: (words) => {
      last = words;
      given = Promise.withResolvers();
    },
    get isHeld() {
      return last !== null;
    },
    given: () => given.promise,
  };
}
