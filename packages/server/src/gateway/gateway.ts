import { closeCodes } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Core } from '../core.ts';
import { Connection } from './connection.ts';
import type { GatewaySocket } from './socket.ts';

const tickMs = 1_000;

/** Serves sockets; keeps nothing that the log does not have. */
export class Gateway {
  readonly #core: Core;
  readonly #connections = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  get size(): number {
    return this.#connections.size;
  }

  get full(): boolean {
    return this.#connections.size >= this.#core.limits.connections;
  }

  /** Takes a socket that is open; `request` is the one that opened it, without a body. */
  accept(socket: GatewaySocket, request: Request): void {
    let connection: Connection | null = null;
    connection = new Connection(this.#core, socket, request, () => {
      if (connection) this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#rest();
    });
    this.#connections.add(connection);
    this.#timer ??= inCleanContext(() => setInterval(() => this.#tick(), tickMs));
  }

  /** Asks clients to move on within `drainMs`, then closes those that are still there. */
  async close(drainMs = 0): Promise<void> {
    if (drainMs > 0) {
      for (const connection of this.#connections) connection.drain(drainMs);
      const deadline = this.#core.environment.now() + drainMs;
      while (this.#connections.size > 0 && this.#core.environment.now() < deadline)
        await this.#core.environment.wait(Math.min(100, drainMs));
    }
    for (const connection of [...this.#connections]) connection.close(closeCodes.restart);
    this.#connections.clear();
    this.#rest();
  }

  #tick(): void {
    const now = this.#core.environment.now();
    for (const connection of [...this.#connections]) connection.tick(now);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
