import { decodeServerFrame, formatPosition, type ServerFrame } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { WebSocket } from 'ws';
import { EventClient } from '../support/event-client.ts';
import type { Carrier } from '../support/server.ts';
import { Shown } from '../support/shown.ts';
import { away } from './actor.ts';

const handshakeMs = 5_000;
const againMs = 50;

/** A client behind a network of its own: it comes back by itself, and goes on from where it was. */
export class Viewer {
  readonly session: string;
  readonly shown: Shown = new Shown();
  readonly network: FaultProxy;
  readonly #carrier: Carrier;
  #leave = () => {};
  #state: 'open' | 'closed' = 'open';
  #origin = '';
  #visits = 0;
  #heard = 'nothing';

  private constructor(session: string, network: FaultProxy, carrier: Carrier) {
    this.session = session;
    this.network = network;
    this.#carrier = carrier;
  }

  /** `where` gives the origins of gateways, in the order of preference; empty while there is none. */
  static async start(
    session: string,
    where: () => readonly string[],
    carrier: Carrier,
  ): Promise<Viewer> {
    const viewer = new Viewer(session, await FaultProxy.start({ port: 1 }), carrier);
    void viewer.#live(where);
    return viewer;
  }

  /** How it follows, and what it heard last, for a report. */
  get told(): string {
    const { shown, network } = this;
    const at = shown.position ? formatPosition(shown.position) : 'no position';
    const where = `visit ${this.#visits} by ${this.#carrier} to ${this.#origin}`;
    return `${where}, ${network.connections} connections: at ${at}, ${shown.modes.at(-1)}, heard ${this.#heard}`;
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#leave();
    await this.network[Symbol.asyncDispose]();
  }

  async #live(where: () => readonly string[]): Promise<void> {
    for (let visit = 0; this.#state === 'open'; visit++) {
      const origins = where();
      const origin = origins[visit % (origins.length || 1)];
      if (origin) {
        this.#visits += 1;
        this.#origin = origin;
        this.#heard = 'nothing';
        this.network.aim(Number(new URL(origin).port));
        await (this.#carrier === 'socket' ? this.#visit() : this.#read());
      }
      await away(againMs);
    }
  }

  /** Resolves when the stream has ended, however that was. */
  async #read(): Promise<void> {
    const { session, shown } = this;
    const gone = new AbortController();
    this.#leave = () => gone.abort();
    const pos = shown.position ? `?pos=${formatPosition(shown.position)}` : '';
    const url = `http://127.0.0.1:${this.network.port}/api/chat/${session}/events${pos}`;
    try {
      // A connection that is kept would go to the gateway of before.
      const headers = { connection: 'close' };
      const response = await fetch(url, { headers, signal: gone.signal });
      // It cannot be followed there now.
      if (!response.ok) return await response.body?.cancel();
      this.#heard = 'a response';
      await new EventClient(response, (frame) => this.#hear(frame)).ended;
    } catch {
      // Its network has failed.
    }
  }

  /** Resolves when the socket is gone. */
  async #visit(): Promise<void> {
    const { session: s, shown } = this;
    const url = `ws://127.0.0.1:${this.network.port}/holdfast`;
    const socket = new WebSocket(url, ['holdfast.v1'], { handshakeTimeout: handshakeMs });
    this.#leave = () => socket.terminate();
    const say = (frame: object) => socket.send(JSON.stringify(frame), () => {});
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('open', () => {
      say({ t: 'hello', v: 1 });
      const pos = shown.position ? { pos: formatPosition(shown.position) } : {};
      say({ t: 'sub', r: 1, s, ...pos });
    });
    socket.on('message', (data) => {
      const frame = decodeServerFrame(data.toString());
      if (!frame) throw new Error(`a gateway sent ${data.toString()}`);
      // It cannot be followed there now.
      if (frame.t === 'res' && frame.err) return socket.terminate();
      this.#hear(frame);
      if (frame.t === 'entry') say({ t: 'ack', s, i: frame.i });
    });
    await gone;
  }

  #hear(frame: ServerFrame): void {
    this.#heard = frame.t;
    this.shown.receive(frame);
  }
}
