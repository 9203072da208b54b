import { EventEmitter } from 'node:events';
import type { ClientFrame } from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import { EventClient } from './event-client.ts';

/**
 * What a socket of the gateway is, over streams of events and requests: each session that is followed is a stream.
 * Greets itself, since a stream is greeted when it begins. Lives as long as none of its streams is closed.
 */
export class EventsSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly #api: string;
  readonly #streams = new Map<string, AbortController>();
  #headers: Record<string, string> = {};

  constructor(api: string) {
    super();
    this.#api = api;
    queueMicrotask(() => this.emit('open'));
  }

  /** For whoever takes the sockets of `ws`. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    switch (frame.t) {
      case 'hello':
        if (frame.token !== undefined) this.#headers = { authorization: `Bearer ${frame.token}` };
        this.#receive({ t: 'welcome', v: 1, conn: 'none', heartbeatMs: 25_000 });
        break;
      case 'sub':
        void this.#follow(frame);
        break;
      case 'unsub':
        this.#streams.get(frame.s)?.abort();
        break;
      case 'ping':
        this.#receive({ t: 'pong' });
        break;
      case 'ack':
      case 'pong':
        break;
      default:
        throw new Error(`a stream of events has no way for ${frame.t}`);
    }
  }

  terminate(): void {
    this.#close(1006, '');
  }

  #receive(frame: object): void {
    queueMicrotask(() => {
      if (this.readyState === this.OPEN) this.emit('message', JSON.stringify(frame));
    });
  }

  async #follow({ r, s, pos }: Extract<ClientFrame, { t: 'sub' }>): Promise<void> {
    const gone = new AbortController();
    this.#streams.set(s, gone);
    const query = new URLSearchParams({ r: String(r), ...(pos === undefined ? {} : { pos }) });
    const init = { headers: this.#headers, signal: gone.signal };
    const response = await fetch(`${this.#api}/${s}/events?${query}`, init).catch(() => null);
    if (!response) return this.#close(1006, '');
    if (!response.ok) {
      const { error } = (await response.json()) as { readonly error: object };
      return this.#receive({ t: 'res', r, err: error });
    }
    const client = new EventClient(response, (frame) => {
      if (frame.t !== 'welcome') this.#receive(frame);
    });
    const ended = await client.ended;
    if (typeof ended === 'object') this.#close(ended.code, ended.why);
    else if (ended === 'cut') this.#close(1006, '');
  }

  #close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 3;
    for (const gone of this.#streams.values()) gone.abort();
    this.emit('close', code, Buffer.from(reason));
  }
}
