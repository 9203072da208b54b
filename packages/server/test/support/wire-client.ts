import {
  type ClientFrame,
  decodeServerFrame,
  type EntryFrame,
  type ServerFrame,
} from '@holdfast/protocol';
import type { WebSocket } from 'ws';

type FrameOf<T extends ServerFrame['t']> = Extract<ServerFrame, { t: T }>;

/** Speaks the wire by hand and keeps every frame that came, in order. */
export class WireClient {
  readonly frames: ServerFrame[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  #taken = 0;
  #wake = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const frame = decodeServerFrame(data.toString());
      if (!frame) throw new Error(`the server sent ${data.toString()}`);
      this.frames.push(frame);
      this.#wake();
    });
  }

  send(frame: ClientFrame | Record<string, unknown>): void {
    this.raw(JSON.stringify(frame));
  }

  raw(text: string | Buffer): void {
    this.socket.send(text);
  }

  /** The next frame of this type that no earlier call has passed. */
  async next<T extends ServerFrame['t']>(type: T): Promise<FrameOf<T>> {
    return (await this.until((frame) => frame.t === type)) as FrameOf<T>;
  }

  async until(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken++];
        if (frame && matches(frame)) return frame;
      }
      if (this.socket.readyState > this.socket.OPEN)
        throw new Error(`the socket closed; frames: ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  entry(kind: EntryFrame['d']['k']): Promise<EntryFrame> {
    return this.until((frame) => frame.t === 'entry' && frame.d.k === kind) as Promise<EntryFrame>;
  }

  get entries(): EntryFrame[] {
    return this.frames.filter((frame) => frame.t === 'entry');
  }

  terminate(): void {
    this.socket.terminate();
  }
}
