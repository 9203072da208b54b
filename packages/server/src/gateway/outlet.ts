import type { Limits } from '@holdfast/protocol';
import type { HeldSocket, Outgoing } from './socket.ts';

/** Whose outlet it is. */
export interface OutletOwner {
  /** More waits than may. */
  overflowed(): void;
}

/**
 * All that goes out of one socket. What the network does not take waits in this process's memory, so
 * subscriptions send nothing while much of that waits, and whatever else there is to say ends the socket
 * when it would be too much (HF-FLOW-6).
 */
export class Outlet {
  readonly #socket: Pick<HeldSocket, 'bufferedAmount' | 'send'>;
  readonly #limits: Pick<Limits, 'windowBytes' | 'socketBytes'>;
  readonly #owner: OutletOwner;
  /** Bytes of the largest frame since the network took all: it may be over the limit by itself. */
  #largest = 0;
  /** Null while it is nobody's turn. */
  #turns: Promise<void> | null = null;

  constructor(
    socket: Pick<HeldSocket, 'bufferedAmount' | 'send'>,
    limits: Pick<Limits, 'windowBytes' | 'socketBytes'>,
    owner: OutletOwner,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#owner = owner;
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
      this.#owner.overflowed();
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
