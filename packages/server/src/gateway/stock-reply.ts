import { HoldfastError } from '@holdfast/protocol';
import { stopAsked } from '../stop-asked.ts';
import { stockChunk, stockFrame } from './stock-frame.ts';

/** The part of a connection that its replies need. */
export interface ReplyHost {
  send(text: string): void;
  /** Resolves when the network takes more, and when the socket is closed. */
  drained(): Promise<void>;
}

/** The answer to one request of a stock client, chunk by chunk, numbered from 0. */
export class StockReply {
  readonly #requestId: string;
  readonly #host: ReplyHost;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stopsOnAbort: boolean;
  #state: 'streaming' | 'over' = 'streaming';

  constructor(
    requestId: string,
    body: ReadableStream<Uint8Array>,
    host: ReplyHost,
    stopsOnAbort: boolean,
  ) {
    this.#requestId = requestId;
    this.#host = host;
    this.#reader = body.getReader();
    this.#stopsOnAbort = stopsOnAbort;
  }

  /** Sends all of it, and then its end. Never rejects. */
  async run(): Promise<void> {
    this.#say(stockFrame('start', this.#requestId));
    try {
      await this.#chunks();
      this.#say(stockFrame('end', this.#requestId));
    } catch (error) {
      const words = HoldfastError.is(error) ? error.message : 'unable to go on: ask again';
      this.#say(stockFrame('error', this.#requestId, words));
    }
    this.#state = 'over';
  }

  /** The client has said stop. */
  abort(): void {
    this.#cancel(this.#stopsOnAbort ? stopAsked : undefined);
  }

  /** The client has gone, which stops nothing by itself. */
  leave(): void {
    this.#cancel(undefined);
  }

  #cancel(reason: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    void this.#reader.cancel(reason).catch(() => {});
  }

  #say(text: string): void {
    if (this.#state === 'streaming') this.#host.send(text);
  }

  async #chunks(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    let sequence = 0;
    for (;;) {
      await this.#host.drained();
      const { done, value } = await this.#reader.read();
      if (done) return;
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event.replace(/^data: /, '');
        if (data !== '[DONE]') this.#say(stockChunk(this.#requestId, sequence++, data));
      }
    }
  }
}
