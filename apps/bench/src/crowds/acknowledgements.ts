import { clientLimits, encodeFrame } from '@holdfast/protocol';
import type { WebSocket } from 'ws';

/** Acknowledges for many sockets what each of them got, as often as a client does (HF-FLOW-1). */
export interface Acknowledgements {
  /** A socket joins under the next number, counted from 0. */
  add(socket: WebSocket): void;
  /** The entry is all that was looked at; its id is read when it is time to tell it. */
  received(number: number, entry: Buffer): void;
  stop(): void;
}

const stepMs = 10;

export function createAcknowledgements(session: string): Acknowledgements {
  const { ackBytes, ackMs } = clientLimits;
  const sockets: WebSocket[] = [];
  // Arrays, and one timer for all: a thousand timers would cost the load client more than its sockets.
  const last: (Buffer | undefined)[] = [];
  const bytes: number[] = [];
  let next = 0;

  function acknowledge(number: number): void {
    const entry = last[number];
    const socket = sockets[number];
    if (!entry || socket?.readyState !== socket?.OPEN) return;
    last[number] = undefined;
    bytes[number] = 0;
    const id = /"i":"([^"]+)"/.exec(entry.toString('latin1', 0, 400))?.[1];
    if (id !== undefined) socket?.send(encodeFrame({ t: 'ack', s: session, i: id }));
  }

  // Every socket has its turn once in `ackMs`, at a time of its own, as clients have.
  const timer = setInterval(() => {
    const count = Math.ceil((sockets.length * stepMs) / ackMs);
    for (let turn = 0; turn < count; turn++) {
      next = (next + 1) % sockets.length;
      acknowledge(next);
    }
  }, stepMs);

  return {
    add: (socket) => {
      sockets.push(socket);
      bytes.push(0);
    },
    received: (number, entry) => {
      last[number] = entry;
      const sum = (bytes[number] ?? 0) + entry.length;
      bytes[number] = sum;
      if (sum >= ackBytes) acknowledge(number);
    },
    stop: () => clearInterval(timer),
  };
}
