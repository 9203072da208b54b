import {
  type ClientFrame,
  closeCodes,
  type Limits,
  type PresenceFrame,
  subprotocol,
  version,
  type WireError,
} from '@holdfast/protocol';
import type { Cancel, Environment } from '../environment.ts';
import { EventBody, type Taken } from './event-body.ts';
import { errorIn, errorOfClose, gone } from './event-refusal.ts';
import { eventOf } from './event-text.ts';
import { LongPoll } from './long-poll.ts';
import type { GatewaySocket } from './socket.ts';

/** A reader that does not even take the last event may have so long before the body breaks off, in ms. */
const closeMs = 5_000;

/**
 * How old a stream becomes, in ms, and over how long those end that began together. A network takes bytes for readers
 * that are gone, so that nothing else would end their streams for long (HF-EVT-9).
 */
const ageMs = 240_000;
const spreadMs = 30_000;

/** What a client wants of a stream of events. */
export interface EventAsk {
  readonly session: string;
  readonly token: string | undefined;
  /** The position from which it resumes. */
  readonly position: string | undefined;
  /** The number that the answer repeats. */
  readonly r: number;
  readonly presence: Exclude<PresenceFrame['state'], 'away'> | undefined;
  /** How long its body may stay behind the replay without anything new; absent for a stream. */
  readonly waitMs: number | undefined;
}

export interface EventSocketOptions {
  readonly environment: Pick<Environment, 'now' | 'after' | 'nonce'>;
  readonly limits: Pick<Limits, 'ackBytes' | 'windowBytes'>;
}

type State =
  /** The subscription is not answered yet, so that it may still be refused by a status. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'streaming' }
  | { readonly kind: 'closing'; readonly cancel: Cancel }
  | { readonly kind: 'gone' };

/**
 * A socket of the gateway whose frames are the events of a response's body. What a client says on a socket is said
 * here for it: that its reader takes the bytes is its acknowledgement, and that it is alive (HF-EVT-4).
 */
export class EventSocket implements GatewaySocket {
  readonly protocol: string = subprotocol;
  /** Null when the subscription stands; else why it was refused. */
  readonly answered: Promise<WireError | null>;
  readonly #ask: EventAsk;
  readonly #environment: EventSocketOptions['environment'];
  readonly #body: EventBody;
  readonly #poll: LongPoll | null;
  /** Bytes that may be taken without being acknowledged. */
  readonly #owing: number;
  #answer: (refusal: WireError | null) => void = () => {};
  #state: State = { kind: 'asking' };
  #epoch = '';
  #taken = 0;
  #newest: string | null = null;
  #isPinged = false;
  #stopAging: Cancel = () => {};
  #say: (text: string) => void = () => {};
  #closed: () => void = () => {};
  #drained: () => void = () => {};

  constructor(ask: EventAsk, { environment, limits }: EventSocketOptions) {
    this.#ask = ask;
    this.#environment = environment;
    this.#owing = Math.min(limits.ackBytes, limits.windowBytes / 2);
    this.answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
    this.#body = new EventBody({
      onTaken: (taken) => this.#onTaken(taken),
      onGone: () => this.#leave(),
    });
    const { position: from, waitMs } = ask;
    const onOver = () => this.#body.end();
    this.#poll = waitMs === undefined ? null : new LongPoll({ environment, from, waitMs, onOver });
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#body.stream;
  }

  get bufferedAmount(): number {
    return this.#body.waiting;
  }

  /** Says what a client says first; to be called once the gateway has the socket. */
  begin(): void {
    const { session: s, token, position: pos, r, presence: state } = this.#ask;
    this.#tell({ t: 'hello', v: version, ...(token === undefined ? {} : { token }) });
    this.#tell({ t: 'sub', r, s, ...(pos === undefined ? {} : { pos }) });
    if (state !== undefined) this.#tell({ t: 'presence', s, state });
  }

  /** The client has gone. */
  cut(): void {
    this.#body.cut();
  }

  send(data: Parameters<GatewaySocket['send']>[0]): void {
    if (this.#state.kind === 'gone') return;
    if (typeof data === 'string' || ArrayBuffer.isView(data)) this.#event(data);
    else for (const frame of data) this.#event(frame);
  }

  close(code: number, why: string): void {
    if (this.#state.kind === 'asking') this.#refuse(errorOfClose(code));
    if (this.#state.kind !== 'streaming') return;
    const cancel = this.#environment.after(closeMs, () => this.#body.cut());
    this.#state = { kind: 'closing', cancel };
    // It resumes from what it has taken; what it has not would only keep it from hearing why.
    if (code === closeCodes.slowConsumer.code) this.#body.drop();
    this.#body.push(Buffer.from(`data: ${JSON.stringify({ t: 'end', code, why })}\n\n`), null);
    this.#body.end();
  }

  onMessage(listener: (text: string | null) => void): void {
    this.#say = listener;
  }

  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  #event(frame: string | Uint8Array): void {
    const { type, bytes, position, epoch } = eventOf(frame, this.#epoch);
    this.#epoch = epoch;
    if (this.#state.kind === 'asking' && type === 'res') this.#refuse(errorIn(frame));
    // What ends while it is asked for is told like what ends later.
    const isAnswer = type === 'subbed' || type === 'closed';
    if (this.#state.kind === 'asking' && isAnswer) this.#begun();
    if (type === 'ping') this.#isPinged = true;
    this.#body.push(bytes, position);
    this.#poll?.sent(type, position);
    // Nothing more comes of the one session that it follows.
    if (type === 'closed') this.#body.end();
  }

  #begun(): void {
    this.#state = { kind: 'streaming' };
    this.#answer(null);
    if (this.#poll) return;
    const { after, nonce } = this.#environment;
    const share = nonce() / 2 ** 31;
    this.#stopAging = after(ageMs + share * spreadMs, () => this.#body.end());
  }

  #onTaken({ bytes, mark }: Taken): void {
    this.#taken += bytes;
    if (mark) this.#newest = mark.slice(mark.indexOf(':') + 1);
    if (this.#newest !== null && this.#taken >= this.#owing) {
      const i = this.#newest;
      this.#taken = 0;
      this.#newest = null;
      this.#tell({ t: 'ack', s: this.#ask.session, i });
    }
    if (this.#isPinged) {
      this.#isPinged = false;
      this.#tell({ t: 'pong' });
    }
    if (this.#body.waiting === 0) this.#drained();
  }

  #tell(frame: ClientFrame): void {
    if (this.#state.kind !== 'gone') this.#say(JSON.stringify(frame));
  }

  #refuse(error: WireError): void {
    this.#answer(error);
    this.#body.cut();
  }

  #leave(): void {
    const { kind } = this.#state;
    if (kind === 'gone') return;
    if (this.#state.kind === 'closing') this.#state.cancel();
    this.#state = { kind: 'gone' };
    this.#poll?.close();
    this.#stopAging();
    this.#answer(gone);
    this.#closed();
  }
}
