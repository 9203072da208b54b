/**
 * A network that can be cut by hand, for showing what happens then. Sockets made here break like
 * those of a lost network (code 1006), and requests fail like those of a browser without one.
 */
export interface Network {
  readonly WebSocket: new (url: string, protocols: string[]) => CuttableSocket;
  readonly fetch: typeof fetch;
  readonly isCut: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  readonly setCut: (cut: boolean) => void;
}

interface SocketEvents {
  open: undefined;
  error: undefined;
  message: { readonly data: unknown };
  close: { readonly code: number };
}

type Listeners = { readonly [T in keyof SocketEvents]: Set<(event: SocketEvents[T]) => void> };

const abnormal = 1006;

/** The part of a WebSocket that Holdfast's client uses, with a real one behind it. */
class CuttableSocket {
  readonly #listeners: Listeners = {
    open: new Set(),
    error: new Set(),
    message: new Set(),
    close: new Set(),
  };
  readonly #real: WebSocket | null;
  #closed = false;

  constructor(real: WebSocket | null) {
    this.#real = real;
    if (!real) {
      setTimeout(() => this.cut());
      return;
    }
    real.addEventListener('open', () => this.#emit('open', undefined));
    real.addEventListener('error', () => this.#emit('error', undefined));
    real.addEventListener('message', ({ data }) => this.#emit('message', { data }));
    real.addEventListener('close', ({ code }) => this.#end(code));
  }

  send(data: string): void {
    this.#real?.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#real?.close(code, reason);
  }

  addEventListener<T extends keyof SocketEvents>(
    type: T,
    listener: (event: SocketEvents[T]) => void,
  ): void {
    this.#listeners[type].add(listener);
  }

  /** From here on nothing arrives, and the page is told what a browser tells of a lost network. */
  cut(): void {
    if (this.#closed) return;
    this.#emit('error', undefined);
    this.#end(abnormal);
    this.#real?.close();
  }

  #end(code: number): void {
    if (this.#closed) return;
    this.#emit('close', { code });
    this.#closed = true;
  }

  #emit<T extends keyof SocketEvents>(type: T, event: SocketEvents[T]): void {
    if (this.#closed) return;
    for (const listener of this.#listeners[type]) listener(event);
  }
}

export function createNetwork(): Network {
  const listeners = new Set<() => void>();
  const sockets = new Set<CuttableSocket>();
  let broken = new AbortController();
  const isCut = () => broken.signal.aborted;
  return {
    isCut,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    setCut: (cut) => {
      if (cut === isCut()) return;
      if (cut) {
        broken.abort();
        for (const socket of [...sockets]) socket.cut();
      } else {
        broken = new AbortController();
        // What a browser tells a page when the network is back.
        window.dispatchEvent(new Event('online'));
      }
      for (const listener of listeners) listener();
    },
    WebSocket: class extends CuttableSocket {
      constructor(url: string, protocols: string[]) {
        super(isCut() ? null : new WebSocket(url, protocols));
        sockets.add(this);
        this.addEventListener('close', () => {
          sockets.delete(this);
        });
      }
    },
    fetch: async (input, init) => {
      const { signal } = broken;
      const own = init?.signal;
      try {
        return await fetch(input, {
          ...init,
          signal: own ? AbortSignal.any([own, signal]) : signal,
        });
      } catch (error) {
        if (signal.aborted && !own?.aborted) throw new TypeError('Failed to fetch');
        throw error;
      }
    },
  };
}
