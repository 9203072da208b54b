import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The next bytes of the server are dropped, and the connection with them. */
  swallow: boolean;
  /** Bytes of the server that may still pass. */
  left: number;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * A TCP proxy in front of one server that fails as networks do. It passes everything on until it is
 * told otherwise.
 */
export class FaultProxy implements AsyncDisposable {
  #target: Target;
  readonly #pairs = new Set<Pair>();
  #server: Server | null = null;
  #port = 0;
  #accepted = 0;
  #mode: 'pass' | 'blackhole' = 'pass';
  #swallowAfter: ((request: Buffer) => boolean) | null = null;

  private constructor(target: Target) {
    this.#target = target;
  }

  static async start(target: {
    readonly host?: string;
    readonly port: number;
  }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: '127.0.0.1', ...target });
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Leads new connections to another server, as an address does behind a failover. */
  aim(port: number): void {
    this.#target = { ...this.#target, port };
  }

  /** Ends every fault. Connections that were held go on with what was held back. */
  async pass(): Promise<void> {
    this.#mode = 'pass';
    this.#swallowAfter = null;
    for (const pair of this.#pairs) {
      pair.left = Number.POSITIVE_INFINITY;
      pair.client.resume();
      pair.upstream.resume();
    }
    if (!this.#server) await this.#listen();
  }

  /** Refuses new connections and resets those that are open. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.reset();
    if (!server) return;
    server.close();
    await once(server, 'close');
  }

  /** Resets the connections that are open; new ones are let in. */
  reset(): void {
    for (const pair of this.#pairs) this.#drop(pair);
  }

  /** How many connections were taken so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Keeps connections open and takes new ones, but nothing arrives any more. */
  blackhole(): void {
    this.#mode = 'blackhole';
    this.silence();
  }

  /** Nothing arrives any more on the connections that are open; new ones pass. */
  silence(): void {
    for (const { client, upstream } of this.#pairs) {
      client.pause();
      upstream.pause();
    }
  }

  /**
   * Lets the next request that fits through, drops the reply and resets that connection: the
   * outcome stays unknown to the client.
   */
  swallowNextReply(fits: (request: Buffer) => boolean = () => true): void {
    this.#swallowAfter = fits;
  }

  /** Resets each open connection once that many further bytes of the server have passed. */
  cutAfter(bytes: number): void {
    for (const pair of this.#pairs) pair.left = bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse();
  }

  /** At the same port each time: below those that Linux gives to outgoing connections, which nobody else takes meanwhile. */
  async #listen(): Promise<void> {
    const server = createServer((client) => this.#accept(client));
    this.#server = server;
    for (;;) {
      const port = this.#port || 20_000 + Math.floor(Math.random() * 10_000);
      try {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
        this.#port = port;
        return;
      } catch (error) {
        if (this.#port > 0) throw error;
      }
    }
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const upstream = createConnection(this.#target);
    const pair: Pair = { client, upstream, swallow: false, left: Number.POSITIVE_INFINITY };
    this.#pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      // Each end learns of the other's end by `close`.
      socket.on('error', () => {});
      socket.on('close', () => this.#drop(pair));
    }
    client.on('data', (data) => {
      if (this.#swallowAfter?.(data)) {
        this.#swallowAfter = null;
        pair.swallow = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (pair.swallow) {
        this.#drop(pair);
        return;
      }
      client.write(data.subarray(0, pair.left));
      pair.left -= data.length;
      if (pair.left <= 0) client.end(() => this.#drop(pair));
    });
    if (this.#mode === 'blackhole') {
      client.pause();
      upstream.pause();
    }
  }

  #drop(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.client.resetAndDestroy();
    pair.upstream.resetAndDestroy();
  }
}
