import type { Socket, SocketConstructor } from '../contract/connection.ts';
import type { Cable } from './cable.ts';
import type { Records } from './records.ts';

type Listener = (event: { data: unknown; code: number }) => void;

/** Closed by a network, without a word of the peer (RFC 6455, 7.4.1). */
const abnormal = 1006;

/** Sockets whose frames are recorded, and that a cut of the cable breaks off as a lost network does. */
export function tappedSockets(
  real: () => SocketConstructor | undefined,
  records: Records,
  cable: Cable,
): SocketConstructor {
  return class TappedSocket implements Socket {
    readonly #listeners = new Map<string, Listener[]>();
    readonly #socket: Socket | undefined;
    #isOver = false;

    constructor(url: string, protocols: string[]) {
      const { signal } = cable;
      if (signal.aborted) {
        queueMicrotask(() => this.#break());
        return;
      }
      const Real = real();
      if (!Real) throw new Error('no WebSocket');
      const socket = new Real(url, protocols);
      this.#socket = socket;
      const breakOff = () => this.#break();
      signal.addEventListener('abort', breakOff, { once: true });
      socket.addEventListener('close', () => signal.removeEventListener('abort', breakOff));
      socket.addEventListener('open', () => this.#tell('open'));
      socket.addEventListener('error', () => this.#tell('error'));
      socket.addEventListener('message', ({ data }) => {
        if (!this.#isOver) records.frame('down', data);
        this.#tell('message', { data, code: 0 });
      });
      socket.addEventListener('close', ({ code }) => this.#end(code));
    }

    send(data: string): void {
      records.frame('up', data);
      this.#socket?.send(data);
    }

    close(code?: number, reason?: string): void {
      this.#socket?.close(code, reason);
    }

    addEventListener(type: string, listener: (event: never) => void): void {
      this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener as Listener]);
    }

    #break(): void {
      this.#tell('error');
      this.#end(abnormal);
      this.#socket?.close();
    }

    #end(code: number): void {
      this.#tell('close', { data: undefined, code });
      this.#isOver = true;
    }

    #tell(type: string, event: Parameters<Listener>[0] = { data: undefined, code: 0 }): void {
      if (this.#isOver) return;
      for (const listener of this.#listeners.get(type) ?? []) listener(event);
    }
  };
}
