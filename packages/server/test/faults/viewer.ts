import { decodeServerFrame, formatPosition } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { WebSocket } from 'ws';
import { Shown } from '../support/shown.ts';
import { away } from './actor.ts';

const handshakeMs = 5_000;
const againMs = 50;

/** A client behind a network of its own: it comes back by itself, and goes on from where it was. */
export class Viewer {
  readonly session: string;
  readonly shown: Shown = new Shown();
  readonly network: FaultProxy;
  #socket: WebSocket | null = null;
  #state: 'open' | 'closed' = 'open';

  private constructor(session: string, network: FaultProxy) {
    this.session = session;
    this.network = network;
  }

  /** `where` gives the origins of gateways, in the order of preference; empty while there is none. */
  static async start(session: string, where: () => readonly string[]): Promise<Viewer> {
    const viewer = new Viewer(session, await FaultProxy.start({ port: 1 }));
    void viewer.#live(where);
    return viewer;
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#socket?.terminate();
    await this.network[Symbol.asyncDispose]();
  }

  async #live(where: () => readonly string[]): Promise<void> {
    for (let visit = 0; this.#state === 'open'; visit++) {
      const origins = where();
      const origin = origins[visit % (origins.length || 1)];
      if (origin) {
        this.network.aim(Number(new URL(origin).port));
        await this.#visit();
      }
      await away(againMs);
    }
  }

  /** Resolves when the socket is gone. */
  async #visit(): Promise<void> {
    const { session: s, shown } = this;
    const url = `ws://127.0.0.1:${this.network.port}/holdfast`;
    const socket = new WebSocket(url, ['holdfast.v1'], { handshakeTimeout: handshakeMs });
    this.#socket = socket;
    const say = (frame: object) => socket.send(JSON.stringify(frame), () => {});
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('open', () => {
      say({ t: 'hello', v: 1 });
      const pos = shown.position ? { pos: formatPosition(shown.position) } : {};
      say({ t: 'sub', r: 1, s, ...pos });
    });
    socket.on('message', (data) => {
      const decoded = decodeServerFrame(data.toString());
      if (decoded.kind !== 'frame') throw new Error(`a gateway sent ${data.toString()}`);
      const { frame } = decoded;
      // It cannot be followed there now.
      if (frame.t === 'res' && frame.err) return socket.terminate();
      shown.receive(frame);
      if (frame.t === 'entry') say({ t: 'ack', s, i: frame.i });
    });
    await gone;
  }
}
