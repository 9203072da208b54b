import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { framed } from '../session/framed.ts';
import { noteClose } from '../telemetry/metrics.ts';
import type { HeldSocket, Outgoing, SocketListener } from './socket.ts';

/**
 * A socket of `ws`, which makes it. There is one for every open page, so what `ws` tells it goes to its one listener
 * without a table of listeners, and it listens to its stream only while that is full.
 */
export class WsSocket extends WebSocket implements HeldSocket {
  #stream: Duplex | null = null;
  #report: ((error: unknown) => void) | null = null;
  #listener: SocketListener | null = null;
  #isFull = false;

  /** The stream below it, and who is told of what its listener throws. To be called before anything else. */
  over(stream: Duplex, report: (error: unknown) => void): this {
    this.#stream = stream;
    this.#report = report;
    return this;
  }

  tell(listener: SocketListener): void {
    this.#listener = listener;
  }

  override send(text: Outgoing): void {
    const stream = this.#stream;
    if (this.readyState !== WebSocket.OPEN || !stream) return;
    // Without compression `ws` hands each frame to the stream at once and whole, so that another
    // one may go between two of them.
    if (typeof text === 'string') super.send(text, { binary: false });
    // Not `instanceof`: a host may have several kinds of `Uint8Array`, as test environments do.
    else if (ArrayBuffer.isView(text)) stream.write(framed(text));
    else {
      // A single system call for all of them.
      stream.cork();
      for (const each of text) stream.write(framed(each));
      stream.uncork();
    }
    if (stream.writableNeedDrain) this.#awaitDrain(stream);
  }

  shut(code: number, reason: string): void {
    noteClose(code);
    this.close(code, reason);
  }

  override emit(event: string, ...values: unknown[]): boolean {
    switch (event) {
      case 'message': {
        const [data, isBinary] = values;
        this.#call((listener) => listener.received(isBinary ? null : String(data)));
        return true;
      }
      case 'close':
        this.#call((listener) => listener.gone());
        return true;
      case 'error':
        // `ws` closes with 1009 or 1007 itself and reports here why; the close is what counts.
        return true;
      default:
        return super.emit(event, ...values);
    }
  }

  #awaitDrain(stream: Duplex): void {
    if (this.#isFull) return;
    this.#isFull = true;
    stream.once('drain', () => {
      this.#isFull = false;
      this.#call((listener) => listener.drained());
    });
  }

  #call(act: (listener: SocketListener) => void): void {
    try {
      if (this.#listener) act(this.#listener);
    } catch (error) {
      this.#report?.(error);
    }
  }
}
