import type { Limits } from '@holdfast/protocol';
import type { GatewaySocket, Outgoing } from './socket.ts';

/**
 * All that goes out of one socket. What the network does not take waits in this process's memory, so
 * subscriptions send nothing while much of that waits, and whatever else there is to say ends the socket
 * when it would be too much (HF-FLOW-6).
 */
export class Outlet {
  readonly #socket: GatewaySocket;
  readonly #limits: Pick<Limits, 'windowBytes' | 'socketBytes'>;
  readonly #onFull: () => void;
  /** Bytes of the largest frame since the network took all: it may be over the limit by itself. */
  #largest = 0;
  /** Null while it is nobody's turn. */
  #turns: Promise<void> | null = null;

  constructor(
    socket: GatewaySocket,
    limits: Pick<Limits, 'windowBytes' | 'socketBytes'>,
    onFull: () => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onFull = onFull;
  }

  /** True while the network takes nothing more: an acknowledgement can be forged, this cannot. */
  get isCongested(): boolean {
    return this.#socket.bufferedAmount > this.#limits.windowBytes;
  }

  /** Lets whoever makes something large for this socket do so one after another. */
  inTurn(act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns ?? Promise.resolve()).then(act);
    const over = turn
      .catch(() => {})
      .then(() => {
        if (this.#turns === over) this.#turns = null;
      });
    this.#turns = over;
    return turn;
  }

  send(data: Outgoing): void {
    const waiting = this.#socket.bufferedAmount;
    if (waiting > this.#limits.socketBytes + this.#largest) {
      this.#onFull();
      return;
    }
    if (waiting <= this.#limits.windowBytes) this.#largest = 0;
    this.#largest = Math.max(this.#largest, sizeOf(data));
    this.#socket.send(data);
  }
}

const sizeOf = (data: Outgoing): number =>
  typeof data === 'string' || ArrayBuffer.isView(data)
    ? data.length
    : data.reduce((most, { length }) => Math.max(most, length), 0);
