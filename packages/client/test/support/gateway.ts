import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClientFrame, decodeClientFrame, type ServerFrame } from '@holdfast/protocol';
import { type WebSocket, WebSocketServer } from 'ws';

type FrameOf<T extends ClientFrame['t']> = Extract<ClientFrame, { t: T }>;

/** Items that are taken in order, as they come. */
class Line<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => {};

  put(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  get size(): number {
    return this.#items.length;
  }

  async take(): Promise<T> {
    for (;;) {
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** The gateway's end of one socket, played by hand. */
export class Peer {
  readonly #socket: WebSocket;
  readonly #frames = new Line<ClientFrame>();
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.on('message', (data) => {
      const decoded = decodeClientFrame(data.toString());
      if (decoded.kind !== 'frame') throw new Error(`the client sent ${data.toString()}`);
      this.#frames.put(decoded.frame);
    });
  }

  /** The next frame, whatever it is. */
  take(): Promise<ClientFrame> {
    return this.#frames.take();
  }

  /** The next frame, which must be of this type; acknowledgements are passed over. */
  async expect<T extends ClientFrame['t']>(type: T): Promise<FrameOf<T>> {
    for (;;) {
      const frame = await this.#frames.take();
      if (frame.t === type) return frame as FrameOf<T>;
      if (frame.t !== 'ack') throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`);
    }
  }

  say(...frames: readonly (ServerFrame | Record<string, unknown>)[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  /** Answers `hello`, and `sub` with an empty snapshot of epoch E1. */
  async welcome(): Promise<void> {
    await this.expect('hello');
    this.say({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 });
  }

  async snapshot(
    through = '0-0',
    items: readonly unknown[] = [],
    runs: readonly unknown[] = [],
  ): Promise<string> {
    const { r, s } = await this.expect('sub');
    const subbed = { t: 'subbed', r, s, epoch: 'E1', top: through, mode: 'snapshot' };
    this.say({ ...subbed, recovered: true });
    this.say({ t: 'snap', s, epoch: 'E1', through, items, runs, more: false });
    this.say({ t: 'live', s, i: through });
    return s;
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

interface Sent {
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  answer(status: number, body: unknown): void;
  redirect(to: string): void;
  /** Cuts the connection without an answer. */
  drop(): void;
}

export interface TestGateway extends AsyncDisposable {
  readonly api: string;
  readonly posts: Line<Sent>;
  /** The next socket. */
  accept(): Promise<Peer>;
}

/** A real server for real sockets and requests, whose every word is the test's. */
export async function startGateway(): Promise<TestGateway> {
  const peers = new Line<Peer>();
  const posts = new Line<Sent>();
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += String(data);
    });
    request.on('end', () => {
      posts.put({
        headers: request.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        answer: (status, body) => {
          response.writeHead(status, {
            'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
          });
          response.end(typeof body === 'string' ? body : JSON.stringify(body));
        },
        redirect: (location) => response.writeHead(307, { location }).end(),
        drop: () => request.socket.destroy(),
      });
    });
  });
  const sockets = new WebSocketServer({
    server: http,
    path: '/holdfast',
    handleProtocols: () => 'holdfast.v1',
  });
  sockets.on('connection', (socket) => peers.put(new Peer(socket)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    api: `http://127.0.0.1:${port}/api/chat`,
    posts,
    accept: () => peers.take(),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
