import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly head: string;
}

/** How long a server may take to answer or to close; longer than any bound of its own. */
const hangMs = 15_000;

/** An HTTP/1 connection by hand. */
export class Wire {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.on('error', () => {});
    this.#socket.on('data', (data) => {
      this.#buffer = Buffer.concat([this.#buffer, data]);
      this.#wake();
    });
    const gone = () => {
      this.#isClosed = true;
      this.#wake();
    };
    this.#socket.on('end', gone).on('close', gone);
  }

  write(data: Uint8Array | string): void {
    if (!this.#isClosed) this.#socket.write(data);
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the server has closed. Rejects when it hangs. */
  async closed(): Promise<void> {
    await this.#until(() => (this.#isClosed ? true : undefined), 'close');
  }

  /** The next answer, with its body taken off; null when the server closes instead. */
  async answer(method = 'GET'): Promise<Answer | null> {
    return await this.#until(
      () => this.#take(method) ?? (this.#isClosed ? null : undefined),
      'answer',
    );
  }

  /** The next frame of a WebSocket; null when the server closes instead. */
  async frame(): Promise<{ readonly op: number; readonly payload: Buffer } | null> {
    return await this.#until(
      () => this.#takeFrame() ?? (this.#isClosed ? null : undefined),
      'frame',
    );
  }

  async #until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = setTimeout(() => this.#wake(), hangMs + 1);
    const until = performance.now() + hangMs;
    try {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        if (performance.now() >= until) throw new Error(`the server hangs: no ${what}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  #take(method: string): Answer | undefined {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = this.#buffer.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length =
      status < 200 && status !== 101 ? 0 : this.#bodyLength(head, end + 4, method, status);
    if (length === undefined) return undefined;
    this.#buffer = this.#buffer.subarray(end + 4 + length);
    return status < 200 && status !== 101 ? this.#take(method) : { status, head };
  }

  #bodyLength(head: string, from: number, method: string, status: number): number | undefined {
    // Such a stream may have no end; its head is the answer.
    if (/^content-type: text\/event-stream/im.test(head)) return this.#buffer.length - from;
    if (method === 'HEAD' || status === 204 || status === 304 || status === 101) return 0;
    const declared = /^content-length: (\d+)/im.exec(head)?.[1];
    if (declared !== undefined)
      return this.#buffer.length >= from + Number(declared) ? Number(declared) : undefined;
    if (!/^transfer-encoding: chunked/im.test(head))
      return this.#isClosed ? this.#buffer.length - from : undefined;
    for (let at = from; ; ) {
      const line = this.#buffer.indexOf('\r\n', at);
      if (line === -1) return undefined;
      const size = Number.parseInt(this.#buffer.toString('latin1', at, line), 16);
      at = line + 2 + size + 2;
      if (this.#buffer.length < at) return undefined;
      if (size === 0) return at - from;
    }
  }

  #takeFrame(): { op: number; payload: Buffer } | undefined {
    const [first = 0, second = 0] = this.#buffer;
    const short = second & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#buffer.length < head) return undefined;
    const length =
      short < 126
        ? short
        : short === 126
          ? this.#buffer.readUInt16BE(2)
          : Number(this.#buffer.readBigUInt64BE(2));
    if (this.#buffer.length < head + length) return undefined;
    const payload = this.#buffer.subarray(head, head + length);
    this.#buffer = this.#buffer.subarray(head + length);
    return { op: first & 15, payload };
  }
}

export interface Fragment {
  readonly op: number;
  readonly isFinal: boolean;
  readonly payload: Uint8Array;
  /** Bits that no extension was agreed on for. */
  readonly reserved?: number;
}

const mask = Buffer.from([1, 2, 3, 4]);

/** A frame as a client sends it. */
export function clientFrame({ op, isFinal, payload, reserved = 0 }: Fragment): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isFinal ? 128 : 0) | (reserved << 4) | op;
  if (length < 126) head[1] = 128 | length;
  else if (length < 65_536) {
    head[1] = 254;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 255;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

export const textFrame = (text: string): Buffer =>
  clientFrame({ op: 1, isFinal: true, payload: Buffer.from(text) });
