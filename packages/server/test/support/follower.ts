import { decodeServerFrame, formatPosition } from '@holdfast/protocol';
import { WebSocket } from 'ws';
import { EventsSocket } from './events-socket.ts';
import type { Carrier } from './server.ts';
import { Shown } from './shown.ts';
import { WireClient } from './wire-client.ts';

/** A client that follows a session at one gateway after another, and goes on from where it was. */
export class Follower extends Shown {
  readonly #session: string;
  readonly #carrier: Carrier;
  #wire: WireClient | null = null;

  constructor(session: string, carrier: Carrier = 'socket') {
    super();
    this.#session = session;
    this.#carrier = carrier;
  }

  /** Resolves when it has caught up. */
  async follow(origin: string): Promise<void> {
    this.leave();
    const address = `${origin.replace('http', 'ws')}/holdfast`;
    const wire = new WireClient(
      this.#carrier === 'events'
        ? new EventsSocket(`${origin}/api/chat`).asWebSocket
        : new WebSocket(address, ['holdfast.v1']),
    );
    this.#wire = wire;
    const s = this.#session;
    wire.socket.on('message', (data) => {
      const frame = decodeServerFrame(data.toString());
      if (this.#wire !== wire || !frame) return;
      this.receive(frame);
      if (frame.t === 'entry') wire.send({ t: 'ack', s, i: frame.i });
    });
    await wire.opened;
    wire.send({ t: 'hello', v: 1 });
    const pos = this.position ? { pos: formatPosition(this.position) } : {};
    wire.send({ t: 'sub', r: 1, s, ...pos });
    await wire.next('live');
  }

  leave(): void {
    this.#wire?.terminate();
    this.#wire = null;
  }

  /** Resolves when the gateway is gone. */
  async gone(): Promise<void> {
    await this.#wire?.closed;
  }
}
