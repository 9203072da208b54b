import {
  type ClientFrame,
  closeCodes,
  decodeServerFrame,
  encodeFrame,
  HoldfastError,
  type Limits,
  type ServerFrame,
  subprotocol,
  version,
} from '@holdfast/protocol';
import { Changes, type Observable } from '../changes.ts';
import type { Environment } from '../environment.ts';
import { Timers } from '../timers.ts';
import type { Socket, SocketConstructor } from './socket.ts';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  type TimerName,
  transition,
} from './state.ts';
import { type ConnectionStatus, statusOf } from './status.ts';

/** A frame that is none of the connection's own business. */
export type SessionFrame = Exclude<
  ServerFrame,
  { readonly t: 'welcome' | 'reauth' | 'drain' | 'ping' | 'pong' }
>;

/** Whom a connection works for. */
export interface ConnectionUser {
  /** `hello` was said: the time to send what a new socket must know, not waiting (HF-CONN-5). */
  greet(): void;
  /** `size` is the length of the frame's text. */
  receive(frame: SessionFrame, size: number): void;
  /** The socket is gone; another will come. */
  lost(): void;
  /** No other socket will come before the next `want`. */
  failed(error: HoldfastError): void;
  /** Something was wrong that nobody waits for. */
  report(error: unknown): void;
}

export interface ConnectionOptions {
  readonly url: () => string;
  readonly WebSocket: () => SocketConstructor;
  readonly token: () => Promise<string | undefined>;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly user: ConnectionUser;
}

/** Runs the effects of the state machine in `state.ts` on one socket at a time. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #changes = new Changes();
  readonly #wants = new Set<object>();
  readonly #timers: Timers<TimerName>;
  readonly #events: ConnectionEvent[] = [];
  #state: ConnectionState = { kind: 'idle' };
  #dispatching = false;
  #socket: Socket | undefined;
  #token: string | undefined;
  #receivedAt = 0;
  #requests = 0;
  #stopListening: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#timers = new Timers(options.environment);
  }

  readonly status: Observable<ConnectionStatus> = {
    subscribe: this.#changes.subscribe,
    getSnapshot: () => statusOf[this.#state.kind],
  };

  /** Keeps a socket open, or tries to, until the returned function is called. */
  want(): () => void {
    const want = {};
    this.#wants.add(want);
    this.#stopListening ??= this.#options.environment.page.listen({
      wake: () => this.#dispatch({ type: 'wake' }),
      offline: () => this.#dispatch({ type: 'offline' }),
    });
    this.#dispatch({ type: 'want' });
    return () => {
      if (!this.#wants.delete(want) || this.#wants.size > 0) return;
      this.#endListening();
      this.#dispatch({ type: 'unwant' });
    };
  }

  /** True when the frame was handed to the socket; else it is the sender's to say again. */
  send(frame: ClientFrame): boolean {
    const { kind } = this.#state;
    if (kind !== 'hello' && kind !== 'ready' && kind !== 'probing') return false;
    this.#socket?.send(encodeFrame(frame));
    return true;
  }

  /** A number for a request that the answer will repeat. */
  nextRequest(): number {
    return ++this.#requests;
  }

  close(): void {
    this.#wants.clear();
    this.#endListening();
    this.#dispatch({ type: 'close' });
  }

  #endListening(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** One event at a time: an effect may lead to the next event before the others have run. */
  #dispatch(event: ConnectionEvent): void {
    this.#events.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#step(next);
    } finally {
      this.#dispatching = false;
    }
  }

  #step(event: ConnectionEvent): void {
    const { environment, limits, user } = this.#options;
    const before = this.#state;
    const { state, effects } = transition(before, event, {
      now: environment.now(),
      random: environment.random(),
      online: environment.page.isOnline(),
      visible: environment.page.isVisible(),
      limits,
    });
    this.#state = state;
    if (state.kind !== before.kind) {
      if (state.kind !== 'hello') this.#timers.clear('deadline');
      if (statusOf[state.kind] !== 'online') this.#timers.clear('drained');
      if (event.type === 'lost') this.#forgetSocket();
    }
    for (const effect of effects) this.#run(effect);
    if (statusOf[state.kind] !== statusOf[before.kind])
      try {
        this.#changes.notify();
      } catch (error) {
        user.report(error);
      }
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'authorize':
        void this.#authorize();
        return;
      case 'open':
        this.#open();
        return;
      case 'greet':
        this.#greet();
        return;
      case 'ping':
        this.send({ t: 'ping' });
        return;
      case 'drop': {
        const socket = this.#socket;
        this.#forgetSocket();
        socket?.close(closeCodes.normal.code);
        return;
      }
      case 'timer':
        this.#timers.set(effect.name, effect.ms, () => this.#expire(effect.name));
        return;
      case 'fail':
        this.#options.user.failed(effect.error);
        return;
    }
  }

  #expire(name: TimerName): void {
    const silentMs = this.#options.environment.now() - this.#receivedAt;
    this.#dispatch(name === 'deadline' ? { type: 'deadline', silentMs } : { type: 'drained' });
  }

  /** The socket may live on for a while, but what it says is nobody's any more. */
  #forgetSocket(): void {
    if (!this.#socket) return;
    this.#socket = undefined;
    this.#options.user.lost();
  }

  async #authorize(): Promise<void> {
    const state = this.#state;
    try {
      const token = await this.#options.token();
      if (this.#state !== state) return;
      this.#token = token;
      this.#dispatch({ type: 'token' });
    } catch (error) {
      this.#options.user.report(error);
      if (this.#state === state) this.#dispatch({ type: 'no-token' });
    }
  }

  #open(): void {
    let socket: Socket;
    try {
      socket = new (this.#options.WebSocket())(this.#options.url(), [subprotocol]);
    } catch (cause) {
      const error = HoldfastError.is(cause)
        ? cause
        : new HoldfastError('bad_request', 'unable to open a socket: the address was refused', {
            cause,
          });
      this.#dispatch({ type: 'unusable', error });
      return;
    }
    this.#socket = socket;
    const whileCurrent = (run: () => void): void => {
      if (this.#socket === socket) run();
    };
    socket.addEventListener('open', () => whileCurrent(() => this.#dispatch({ type: 'opened' })));
    socket.addEventListener('message', ({ data }) => whileCurrent(() => this.#receive(data)));
    socket.addEventListener('close', ({ code }) =>
      whileCurrent(() => this.#dispatch({ type: 'lost', code })),
    );
    // Every error is followed by a close, which says more; some sockets throw without a listener.
    socket.addEventListener('error', () => {});
  }

  #greet(): void {
    const token = this.#token;
    this.#receivedAt = this.#options.environment.now();
    this.send({ t: 'hello', v: version, ...(token === undefined ? {} : { token }) });
    this.#options.user.greet();
  }

  #receive(data: unknown): void {
    this.#receivedAt = this.#options.environment.now();
    if (this.#state.kind === 'probing') this.#dispatch({ type: 'received' });
    const decoded = decodeServerFrame(data);
    if (decoded.kind === 'bad')
      this.#options.user.report(
        new HoldfastError('bad_request', `unable to read a frame: ${decoded.reason}`),
      );
    if (decoded.kind !== 'frame') return;
    const { frame } = decoded;
    switch (frame.t) {
      case 'welcome':
        this.#dispatch({ type: 'welcome', heartbeatMs: frame.heartbeatMs });
        return;
      case 'drain':
        this.#dispatch({ type: 'drain', spreadMs: frame.spreadMs });
        return;
      case 'reauth':
        void this.#reauthorize();
        return;
      case 'ping':
        this.send({ t: 'pong' });
        return;
      case 'pong':
        return;
      default:
        this.#options.user.receive(frame, (data as string).length);
    }
  }

  async #reauthorize(): Promise<void> {
    const socket = this.#socket;
    try {
      const token = await this.#options.token();
      if (token !== undefined && this.#socket === socket)
        this.send({ t: 'auth', r: this.nextRequest(), token });
    } catch (error) {
      // Without a fresh token the gateway closes with 4419, and the next socket asks for one.
      this.#options.user.report(error);
    }
  }
}
