import { decodeServerFrame, type ServerFrame } from '@holdfast/protocol';
import type { GatewaySocket } from '../../src/gateway/socket.ts';
import type { Holdfast } from '../../src/index.ts';

/** A client's socket whose network takes nothing until it is told to. */
export class UnreadSocket {
  readonly frames: ServerFrame[] = [];
  /** Bytes that waited when each of the frames came. */
  readonly waited: number[] = [];
  /** Bytes of what waits, and the most that ever did. */
  waiting = 0;
  most = 0;
  code: number | null = null;
  #say = (_: string | null): void => {};
  #drained = (): void => {};
  readonly #isReading: boolean;

  /** With `isReading` the network takes all at once. */
  constructor(holdfast: Holdfast, { isReading = false }: { readonly isReading?: boolean } = {}) {
    this.#isReading = isReading;
    const socket = this;
    holdfast.accept(
      {
        protocol: 'holdfast.v1',
        get bufferedAmount() {
          return socket.waiting;
        },
        send: (data) => socket.#take(data),
        close: (code) => {
          socket.code ??= code;
        },
        onMessage: (listener) => {
          socket.#say = listener;
        },
        onClose: () => {},
        onDrain: (listener) => {
          socket.#drained = listener;
        },
      },
      new Request('http://test/holdfast'),
    );
    this.say({ t: 'hello', v: 1 });
  }

  say(frame: object): void {
    this.#say(JSON.stringify(frame));
  }

  /** The network takes all that waits. */
  drain(): void {
    this.waiting = 0;
    this.#drained();
  }

  of<T extends ServerFrame['t']>(type: T): Extract<ServerFrame, { t: T }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { t: T }> => frame.t === type);
  }

  #take(data: Parameters<GatewaySocket['send']>[0]): void {
    const texts = typeof data === 'string' || ArrayBuffer.isView(data) ? [data] : data;
    for (const text of texts) {
      const frame = decodeServerFrame(typeof text === 'string' ? text : `${Buffer.from(text)}`);
      if (!frame) throw new Error('the server sent no frame');
      this.frames.push(frame);
      this.waited.push(this.waiting);
      if (!this.#isReading) this.waiting += text.length;
    }
    this.most = Math.max(this.most, this.waiting);
  }
}
