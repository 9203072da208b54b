import type { Duplex } from 'node:stream';
import type { Environment } from '../environment.ts';

/**
 * Sockets that are no connections: refused ones, whose peers may never close, and upgrades that others
 * were given, who may never answer. Each is gone after its time, and they count until then.
 */
export class Lobby {
  readonly #sockets = new Set<Duplex>();
  readonly #places: number;
  readonly #environment: Pick<Environment, 'after'>;

  constructor(places: number, environment: Pick<Environment, 'after'>) {
    this.#places = places;
    this.#environment = environment;
  }

  get size(): number {
    return this.#sockets.size;
  }

  get full(): boolean {
    return this.#sockets.size >= this.#places;
  }

  /** Destroys the socket after `ms`, unless it was settled by then. Returns what says so before. */
  hold(socket: Duplex, ms: number, isSettled: () => boolean = () => false): () => void {
    const leave = () => {
      cancel();
      socket.off('close', leave);
      this.#sockets.delete(socket);
    };
    const cancel = this.#environment.after(ms, () => {
      leave();
      if (!isSettled()) socket.destroy();
    });
    this.#sockets.add(socket);
    socket.on('close', leave);
    return leave;
  }
}
