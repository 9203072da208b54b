import { type CloseCode, closeCodes, HoldfastError } from '@holdfast/protocol';
import type { Agent } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { Rate } from '../rights/rate.ts';
import type { ConnectionHost } from './connection-host.ts';
import { type FrameHandler, FrameQueue } from './frame-queue.ts';
import { type Opening, requestOf } from './kept-request.ts';
import { Outlet, type OutletOwner } from './outlet.ts';
import type { HeldSocket, SocketListener } from './socket.ts';
import {
  decodeStockFrame,
  type StockAsking,
  type StockDecoded,
  type StockFrame,
  stockFrame,
} from './stock-frame.ts';
import { StockReply } from './stock-reply.ts';
import { stockRequest, stopsOnAbort } from './stock-request.ts';

type State =
  /** Nothing is being answered: before the first request that is allowed, or behind the last. */
  | { readonly kind: 'idle'; readonly until: number; readonly code: CloseCode }
  | { readonly kind: 'answering' }
  /** Takes no new requests, and closes behind the last answer. */
  | { readonly kind: 'draining' }
  | { readonly kind: 'closed' };

/** What answers a request of the chat route, with agents that the route itself would have brought. */
export type AnswerRequest = (
  request: Request,
  route: {
    readonly path: readonly string[];
    readonly agent: Agent | Readonly<Record<string, Agent>>;
    readonly agentName?: string;
  },
) => Promise<Response>;

/** The part of the gateway that stock connections need. */
export interface StockHost extends ConnectionHost {
  readonly answer: AnswerRequest;
  /** True where the upgrade has told who opens the socket: its frames may be sends with their files (HF-STK-2). */
  readonly isKnown?: boolean;
}

/** A socket that asks for nothing would be a place that any stranger can hold; the SDK's client opens another. */
const idleMs = 60_000;

/** The reason of a close is at most 123 bytes long. */
const words = {
  own: 'unable to serve: offer the subprotocol holdfast.v1, as the transport of @holdfast/client does',
  bad: 'unable to read: this is no frame of WebSocketChatTransport; use that, or @holdfast/client',
  twice: 'unable to answer: this requestId is being answered already; give each request its own',
} as const;

/**
 * The socket of the AI SDK's own `WebSocketChatTransport`, which offers no subprotocol (HF-STK-1). Each of its
 * requests is one of the chat route. It answers no heartbeat, so that its silence says nothing.
 */
export class StockConnection implements FrameHandler<StockFrame>, OutletOwner, SocketListener {
  readonly #core: Core;
  readonly #socket: HeldSocket;
  readonly #opening: Opening;
  readonly #host: StockHost;
  readonly #outlet: Outlet;
  readonly #rate: Rate;
  readonly #queue: FrameQueue<StockFrame>;
  /** Of one frame, and of those that wait behind one. */
  readonly #frameBytes: number;
  readonly #replies = new Map<string, StockReply>();
  readonly #waiting: (() => void)[] = [];
  #state: State;

  constructor(core: Core, socket: HeldSocket, opening: Opening, host: StockHost) {
    const { limits, environment } = core;
    this.#core = core;
    this.#socket = socket;
    this.#opening = opening;
    this.#host = host;
    this.#outlet = new Outlet(socket, limits, this);
    this.#rate = new Rate(limits.framesPerSecond, limits.framesBurst, environment.now());
    this.#state = this.#idle(limits.helloTimeoutMs, closeCodes.helloTimeout);
    const frameBytes = host.isKnown ? limits.sendBytes : limits.frameBytes;
    this.#frameBytes = frameBytes;
    this.#queue = new FrameQueue({ ...limits, frameBytes }, this);
    socket.tell(this);
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  /** It is no stream of events. */
  readonly isStream = false;

  /** It follows none: each of its answers is a request. */
  readonly follows = 0;

  /** Called about once a second, or late. */
  tick(_now: number, isLate: boolean): void {
    if (isLate) return;
    const state = this.#state;
    if (state.kind === 'idle' && this.#queue.isIdle && this.#host.awake() >= state.until)
      this.close(state.code);
    // A host that cannot tell when the network has taken what was sent is asked instead.
    this.#wake();
    this.#closeDrained();
  }

  /** The SDK's client knows no such frame; a closed socket it opens anew with its next request. */
  drain(_spreadMs: number): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'draining' };
    this.#closeDrained();
  }

  close({ code, name }: CloseCode, reason: string = name): void {
    if (this.#state.kind === 'closed') return;
    this.#end();
    this.#socket.shut(code, reason);
  }

  overflowed(): void {
    this.close(closeCodes.slowConsumer);
  }

  drained(): void {
    this.#wake();
  }

  gone(): void {
    this.#end();
    this.#host.onGone(this.#socket);
  }

  #end(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    for (const reply of this.#replies.values()) reply.leave();
    this.#replies.clear();
    this.#wake();
    this.#host.onClosed(this.#socket);
  }

  received(text: string | null): void {
    if (this.#state.kind === 'closed') return;
    const bytes = Buffer.byteLength(text ?? '');
    if (bytes > this.#frameBytes) this.close(closeCodes.tooBig);
    else if (!this.#rate.take(this.#core.environment.now()) || this.#queue.isFullFor(bytes))
      this.close(closeCodes.tooMany);
    else this.#enqueue(decodeStockFrame(text, this.#core.limits.jsonDepth), bytes);
  }

  #enqueue(decoded: StockDecoded, bytes: number): void {
    if (decoded.kind === 'own') this.close(closeCodes.noCommonVersion, words.own);
    else if (decoded.kind === 'bad') this.close(closeCodes.badFrame, words.bad);
    else this.#queue.push(decoded.frame, bytes);
  }

  onFault(error: unknown): void {
    this.#core.report(error, {});
    this.close(closeCodes.internal);
  }

  /** Called by its queue, for one frame after another. */
  async handle(frame: StockFrame): Promise<void> {
    if (this.#state.kind === 'closed') return;
    const { requestId } = frame;
    const reply = this.#replies.get(requestId);
    if (frame.type === 'abort') return reply?.abort();
    if (reply) return this.close(closeCodes.badFrame, words.twice);
    const refusal = this.#refusalOf(frame);
    if (refusal) return this.#send(stockFrame('error', requestId, refusal));
    try {
      await this.#answer(frame);
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      this.#send(stockFrame('error', requestId, error.message));
    }
  }

  async #answer(frame: StockAsking): Promise<void> {
    const { requestId } = frame;
    const { request, path } = stockRequest(requestOf(this.#opening), frame);
    const stops = stopsOnAbort(request);
    const response = await this.#host.answer(request, { ...this.#agents(), path });
    if (this.isClosed) await response.body?.cancel();
    else if (!response.ok) this.#send(stockFrame('error', requestId, await wordsOf(response)));
    else if (response.body) this.#stream(requestId, response.body, stops);
    else {
      if (frame.type === 'resume') this.#send(stockFrame('no-active', requestId));
      else this.#send(stockFrame('start', requestId), stockFrame('end', requestId));
      this.#rest();
    }
  }

  #refusalOf({ type }: StockFrame): string | undefined {
    const { dispatch, limits, scheduler } = this.#core;
    if (this.#replies.size >= limits.subscriptions)
      return 'unable to answer: too many answers at once on this connection; wait for one to end';
    if (type === 'send' && scheduler.agents.size === 0 && !dispatch)
      return 'unable to answer: this gateway has no agent; give it one with `holdfast.register(agent)`';
    return undefined;
  }

  /** The agents of a process belong to its routes; a socket that names no route is answered by those. */
  #agents() {
    const { agents } = this.#core.scheduler;
    const [only, ...others] = agents.entries();
    if (!only || others.length > 0) return { agent: Object.fromEntries(agents) };
    return { agent: only[1], agentName: only[0] };
  }

  #stream(requestId: string, body: ReadableStream<Uint8Array>, stops: boolean): void {
    const host = { send: (text: string) => this.#send(text), drained: () => this.#untilDrained() };
    const reply = new StockReply(requestId, body, host, stops);
    this.#replies.set(requestId, reply);
    if (this.#state.kind === 'idle') this.#state = { kind: 'answering' };
    void reply.run().then(() => {
      this.#replies.delete(requestId);
      this.#rest();
      this.#closeDrained();
    });
  }

  #idle(ms: number, code: CloseCode): State {
    return { kind: 'idle', until: this.#host.awake() + ms, code };
  }

  /** Behind an answer; what was refused gives nobody more time. */
  #rest(): void {
    const { kind } = this.#state;
    if (this.#replies.size === 0 && (kind === 'idle' || kind === 'answering'))
      this.#state = this.#idle(idleMs, closeCodes.normal);
  }

  #closeDrained(): void {
    if (this.#state.kind === 'draining' && this.#replies.size === 0 && this.#queue.isIdle)
      this.close(closeCodes.restart);
  }

  async #untilDrained(): Promise<void> {
    while (!this.isClosed && this.#outlet.isCongested)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
  }

  #wake(): void {
    for (const each of this.#waiting.splice(0)) each();
  }

  #send(...texts: string[]): void {
    for (const text of texts) if (!this.isClosed) this.#outlet.send(text);
  }
}

/** The words of a refusal of the chat route. */
async function wordsOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { readonly error?: { readonly message?: string } };
  return error?.message ?? 'unable to answer: try again';
}
