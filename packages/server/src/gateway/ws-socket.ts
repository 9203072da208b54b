import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { framed } from '../session/framed.ts';
import type { GatewaySocket, Outgoing } from './socket.ts';

const ignore = (): void => {};

/** A socket of `ws`. A class, and no object of functions: there is one for every open page. */
export class WsSocket implements GatewaySocket {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
    // `ws` closes with 1009 or 1007 itself and reports here why; the close is what counts.
    socket.on('error', ignore);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get bufferedAmount(): number {
    return this.#stream.writableLength;
  }

  send(text: Outgoing): void {
    const [socket, stream] = [this.#socket, this.#stream];
    if (socket.readyState !== socket.OPEN) return;
    // Without compression `ws` hands each frame to the stream at once and whole, so that another
    // one may go between two of them.
    if (typeof text === 'string') socket.send(text, { binary: false });
    // Not `instanceof`: a host may have several kinds of `Uint8Array`, as test environments do.
    else if (ArrayBuffer.isView(text)) stream.write(framed(text));
    else {
      // A single system call for all of them.
      stream.cork();
      for (const each of text) stream.write(framed(each));
      stream.uncork();
    }
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  onMessage(listener: (text: string | null) => void): void {
    this.#socket.on('message', (data, isBinary) => listener(isBinary ? null : data.toString()));
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener);
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }
}
