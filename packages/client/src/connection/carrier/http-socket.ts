import type {
  CancelFrame,
  ClientFrame,
  ClientLimits,
  ResponseFrame,
  ServerFrame,
  WireError,
} from '@holdfast/protocol';
import type { Socket } from '../../contract/connection.ts';
import type { Environment } from '../../environment.ts';
import type { Route } from '../../http/route.ts';
import { type ProbePlan, probeSockets } from './probe.ts';
import { createStream, type RequestsWay, type Stream } from './stream.ts';

// Loaded where no socket opens, and never before. It imports nothing that the page has already, so that it is one
// piece for every bundler.

/** What is known of the ways to the server; it outlives the socket. */
export type Way = RequestsWay & ProbePlan;

export interface HttpSocketOptions {
  readonly route: Pick<Route, 'ask' | 'post'>;
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly way: Way;
  /** Opens a socket, to see whether one works; absent where none is wanted. */
  readonly openSocket: (() => Socket) | undefined;
  /** A gateway has answered over one. */
  readonly found: () => void;
}

/** Where no session is followed there is nobody who could say `welcome`. */
const greetMs = 4_000;
/** The silence that a client has to bear: for ever, as far as timers can. Each stream looks after its own. */
const noHeartbeatMs = 2 ** 30;

/** A socket for the connection: its frames travel as requests (HF-CAR-1). */
export function openHttpSocket(options: HttpSocketOptions): Socket {
  const { route, openSocket } = options;
  const { after } = options.environment;
  const streams = new Map<string, Stream>();
  const listeners: { [type: string]: (event: unknown) => void } = {};
  /** Cancels of a session that name a command. */
  const stopping = new Map<string, Promise<unknown>>();
  let isGreeted = false;
  let isOver = false;
  let endProbing = (): void => {};
  let unwatch = (): void => {};

  function tell(type: string, event?: object): void {
    if (!isOver) listeners[type]?.(event);
  }
  const hear = (data: string): void => tell('message', { data });
  const say = (frame: ServerFrame): void => hear(JSON.stringify(frame));

  function close(): void {
    isOver = true;
    endProbing();
    unwatch();
    for (const stream of streams.values()) stream.halt();
  }

  function end(code: number): void {
    tell('close', { code });
    close();
  }

  function leave(s: string): void {
    streams.get(s)?.halt();
    streams.delete(s);
  }

  /** A `welcome` that nobody waits for shows all the same that somebody is there. */
  function greet(): void {
    say(isGreeted ? { t: 'pong' } : { t: 'welcome', v: 1, conn: '', heartbeatMs: noHeartbeatMs });
    isGreeted = true;
  }

  async function stop({ r, s, run, command }: CancelFrame): Promise<void> {
    await route.post<NonNullable<ResponseFrame['ok']>>(s, 'cancel', 'state', { run, command }).then(
      (ok) => say({ t: 'res', r, ok }),
      ({ code = 'unavailable', message }: WireError) =>
        say({ t: 'res', r, err: { code, message } }),
    );
  }

  /** A gateway takes what a socket says in its order, and at once; requests need an order of their own (HF-CAR-8). */
  function cancel(frame: CancelFrame): void {
    const { s, run } = frame;
    if (run === undefined) stopping.set(s, Promise.all([stopping.get(s), stop(frame)]));
    else after(0, () => Promise.resolve(stopping.get(s)).then(() => stop(frame)));
  }

  function send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    switch (frame.t) {
      case 'hello':
        unwatch = after(greetMs, () => isGreeted || greet());
        if (openSocket) endProbing = probeSockets({ ...options, openSocket, hello: text, found });
        return;
      case 'sub': {
        const { s } = frame;
        const stream = createStream(frame, {
          ...options,
          hear,
          say,
          greet,
          end,
          left: () => leave(s),
        });
        streams.set(s, stream);
        stream.begin();
        return;
      }
      case 'unsub':
        leave(frame.s);
        return;
      case 'cancel':
        cancel(frame);
        return;
      case 'presence':
        streams.get(frame.s)?.present(frame.state);
        return;
      case 'auth':
      case 'ping':
        if (streams.size === 0) say({ t: 'pong' });
        for (const stream of streams.values()) stream.begin();
    }
  }

  /** The connection moves to a socket (HF-CAR-6). */
  function found(): void {
    options.found();
    say({ t: 'drain', spreadMs: 0 });
  }

  // Listeners come first.
  after(0, () => tell('open'));
  return {
    send,
    close,
    addEventListener: (type: string, listener: (event: never) => void) => {
      listeners[type] = listener as (event: unknown) => void;
    },
  };
}
