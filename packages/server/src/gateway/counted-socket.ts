import type { Duplex } from 'node:stream';
import { closeCodes } from '@holdfast/protocol';
import { WebSocket } from 'ws';
import type { ComingFrame } from './coming-frame.ts';
import { WsSocket } from './ws-socket.ts';

/** The reason of a close is at most 123 bytes long. */
const busy =
  'unable to read: too many large messages are being sent at once; try again in a moment';

/** A socket whose frames may be large, and are counted as they come. Apart from the others, of which there are many. */
export class CountedSocket extends WsSocket {
  #coming: ComingFrame | null = null;

  /** To be called once; `stream` is the one below it. */
  counting(coming: ComingFrame, stream: Duplex): void {
    this.#coming = coming;
    // In front of `ws`, which may find the end of the frame in it.
    stream.prependListener('data', ({ byteLength }: Uint8Array) => {
      if (this.readyState !== WebSocket.OPEN) return;
      try {
        coming.came(byteLength);
      } catch {
        this.shut(closeCodes.tooMany.code, busy);
        // Whatever else came would be held as well, until the peer answers.
        this.pause();
        stream.end();
      }
    });
  }

  override emit(event: string, ...values: unknown[]): boolean {
    if (event === 'message' || event === 'close') this.#coming?.over();
    return super.emit(event, ...values);
  }
}
