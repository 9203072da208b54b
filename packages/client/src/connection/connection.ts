import {
  type ClientFrame,
  type ClientLimits,
  decodeServerFrame,
  encodeFrame,
  type ServerFrame,
  version,
} from '@holdfast/protocol';
import { createChanges } from '../changes.ts';
import type { ConnectionView, Socket } from '../contract/connection.ts';
import type { ChatTransportOptions } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import { messageOf, networkError, unable } from '../errors.ts';
import { refers } from '../files/files.ts';
import { resolve } from '../resolvable.ts';
import { createTimers } from '../timers.ts';
import type { Carriers } from './carrier/carriers.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  manyTries,
  type Opening,
  takes,
  transition,
} from './state.ts';
import { statusOf } from './status.ts';

/** The user of a connection. */
export interface ConnectionUser {
  /** `hello` was said: the time to send what a new socket must know, not waiting (HF-CONN-5). */
  greet(): void;
  /** Any frame that is not the connection's own business; `size` is the length of its text, which may refer to files. */
  receive(frame: ServerFrame, size: number, refers?: boolean): void;
  /** The socket is gone, or did not open; another will come. */
  lost(): void;
  /** Nothing more will come, before the next `want` or at all. */
  refuse(error: Error): void;
  /** Somebody else may be let in now: what was refused may be asked for again. */
  again?(): void;
}

export interface ConnectionOptions {
  readonly carriers: Carriers;
  readonly token?: ChatTransportOptions['token'];
  readonly limits: ClientLimits;
  readonly environment: Environment;
  /** Told when users are told that somebody else may be let in now. */
  readonly again: () => void;
  /** Told of what was wrong and nobody waits for. */
  readonly report: (error: unknown) => void;
}

/** A connection of one socket at a time, as the state machine in `state.ts` has it. */
export interface Connection {
  readonly status: ConnectionView;
  /** Told of everything in this order. */
  readonly users: Set<ConnectionUser>;
  /** Keeps a socket open, or tries to, until the returned function is called. */
  want(): () => void;
  /** True when the frame was handed to the socket; else a `greet` comes when there is one. */
  send(frame: ClientFrame): boolean;
  /** A number for a request that the answer will repeat. */
  nextRequest(): number;
  /** Begins anew, with a token that is asked for anew. */
  again(): void;
  close(): void;
}

/** The events that come by a timer. */
type TimedEvent = 'deadline' | 'drained' | 'silent' | 'wake';

export function createConnection(options: ConnectionOptions): Connection {
  const { environment, limits, report, carriers } = options;
  const { page, now } = environment;
  const changes = createChanges();
  const timers = createTimers<TimedEvent>(environment);
  const users = new Set<ConnectionUser>();
  const wants = new Set<object>();
  const events: ConnectionEvent[] = [];
  let state: ConnectionState = { kind: 'idle' };
  let lived = false;
  /** HF-CONN-15 */
  let isTold = false;
  let socket: Socket | undefined;
  let token: string | undefined;
  let receivedAt = 0;
  let requests = 0;
  let stopListening: (() => void) | undefined;

  const isOnline = (): boolean => state.kind === 'online';

  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      report(error);
    }
  }

  function tell(say: (user: ConnectionUser) => void): void {
    for (const user of [...users]) guarded(() => say(user));
  }

  function tellAgain(): void {
    options.again();
    tell((user) => user.again?.());
  }

  /** Handles one event at a time: what is done may lead to the next event before all is done. */
  function dispatch(event: ConnectionEvent): void {
    if (events.push(event) > 1) return;
    for (let next: ConnectionEvent | undefined = event; next; next = events[0]) {
      step(next);
      events.shift();
    }
  }

  function step(event: ConnectionEvent): void {
    const before = state;
    const around = {
      ...carriers,
      now: now(),
      silentMs: now() - receivedAt,
      random: environment.random(),
      online: page.isOnline(),
      visible: page.isVisible(),
      lived,
    };
    const isOther = changeCarrier(event);
    const next = transition(before, isOther ? { type: 'other' } : event, around);
    state = next.state;
    if (state.kind !== before.kind) {
      timers.clear('deadline');
      if (!takes(state, 'lost')) drop();
      // A connection that was given up begins anew for everybody who still wants it.
      if (before.kind === 'failed' && state.kind === 'authorizing') tellAgain();
      enter[state.kind]?.();
    } else if (state.kind === 'failed' && event.type === 'deadline') look();
    else if (event.type === 'wake' && isOnline()) send({ t: 'ping' });
    if (next.deadlineMs !== undefined) plan('deadline', next.deadlineMs);
    if (state !== before) guarded(changes.notify);
    const error = state.trouble?.error;
    if (error && !isTold) {
      isTold = true;
      report(error);
    }
  }

  /** True when the try has failed, and the next one is to be made at once, with something else. */
  function changeCarrier(event: ConnectionEvent): boolean {
    const { type } = event;
    // The other codes are of a gateway, to which there is a way.
    const isFailed =
      type === 'lost'
        ? event.code < 4000 && event.code !== 1012 && event.code !== 1013
        : type === 'deadline' || type === 'unusable';
    const why = type === 'deadline' ? 'silent' : 'unreachable';
    return (
      isFailed &&
      takes(state, 'other') &&
      (carriers.on('failed', why) ||
        ((state as Opening).attempt >= manyTries - 1 && carriers.on('stuck', why)))
    );
  }

  /** What is done at the beginning of a state. */
  const enter: { readonly [K in ConnectionState['kind']]?: () => void } = {
    authorizing: () =>
      void withToken((fresh) => {
        token = fresh;
        dispatch({ type: 'token' });
      }),
    connecting: open,
    hello: () => {
      receivedAt = now();
      send({ t: 'hello', v: version, token });
      tell((user) => user.greet());
    },
    online: () => {
      lived = true;
      carriers.on('greeted');
    },
    failed: () => {
      const error = networkError(state.trouble?.error);
      tell((user) => user.refuse(error));
    },
  };

  /** Begins anew when there is another token than the one that was refused. */
  const look = (): void =>
    void withToken((fresh) => {
      if (fresh !== token && wants.size > 0) dispatch({ type: 'want' });
    });

  /** Setting a timer again replaces it. */
  const plan = (type: TimedEvent, ms: number): void =>
    timers.set(type, ms, () => dispatch({ type }));

  /** The socket may live on for a while, but what it says is nobody's any more. */
  function drop(): void {
    // Told also where a try has failed before there was one (HF-CONN-16).
    const dropped = socket;
    socket = undefined;
    timers.clear();
    tell((user) => user.lost());
    dropped?.close(1000);
  }

  /** Asks for a token, and goes on with it, or without one, unless things have moved on meanwhile. */
  async function withToken(go: (token: string | undefined) => void): Promise<void> {
    const asked = { state, socket };
    const isCurrent = (): boolean => (socket ? socket === asked.socket : state === asked.state);
    try {
      const fresh = await resolve(options.token);
      await carriers.load();
      if (isCurrent()) go(fresh);
    } catch (error) {
      report(error);
      if (isCurrent()) dispatch({ type: 'no-token' });
    }
  }

  function open(): void {
    let opened: Socket;
    try {
      opened = carriers.open();
    } catch (cause) {
      const error = unable('bad_request', `connect: ${messageOf(cause)}`, { cause });
      dispatch({ type: 'unusable', error });
      return;
    }
    socket = opened;
    // The members of an event depend on its type.
    const on = (type: string, hear: (event: { data: unknown; code: number }) => void): void =>
      opened.addEventListener(type as 'message' & 'close', (event) => {
        if (socket === opened) hear(event as never);
      });
    on('open', () => dispatch({ type: 'opened' }));
    on('message', ({ data }) => receive(data));
    on('close', ({ code }) => dispatch({ type: 'lost', code }));
    // Every error is followed by a close, which says more; some sockets throw without a listener.
    on('error', () => {});
  }

  function receive(data: unknown): void {
    receivedAt = now();
    timers.clear('wake');
    timers.clear('silent');
    const frame = decodeServerFrame(data);
    if (!frame) {
      report(unable('bad_request', 'read a frame: it is none'));
      return;
    }
    switch (frame.t) {
      case 'welcome':
        dispatch({ type: 'welcome', silenceMs: frame.heartbeatMs + limits.pongTimeoutMs });
        return;
      case 'drain':
        plan('drained', environment.random() * frame.spreadMs);
        return;
      case 'reauth':
        // Without a fresh token the gateway closes with 4419, and the next socket asks for one.
        void withToken((fresh) => {
          if (fresh !== undefined) send({ t: 'auth', r: nextRequest(), token: fresh });
        });
        return;
      case 'ping':
        send({ t: 'pong' });
        return;
      default: {
        const hasFiles = refers(data as string);
        tell((user) => user.receive(frame, (data as string).length, hasFiles));
      }
    }
  }

  function send(frame: ClientFrame): boolean {
    if (state.kind !== 'hello' && !isOnline()) return false;
    // A socket over which nothing comes behind a request is looked at: its server may only be slow. First of all,
    // because over HTTP a `ping` may be answered at once.
    if ('r' in frame) plan('wake', limits.probeMs);
    if (frame.t === 'ping') plan('silent', limits.probeMs);
    socket?.send(encodeFrame(frame));
    return true;
  }

  const nextRequest = (): number => ++requests;

  return {
    status: {
      subscribe: changes.subscribe,
      getSnapshot: () => statusOf(state),
      get trouble() {
        return state.trouble ?? null;
      },
      get carrier() {
        return isOnline() ? carriers.carrier : null;
      },
      get carrierReason() {
        return isOnline() ? carriers.reason : null;
      },
    },
    users,
    want: () => {
      const want = {};
      wants.add(want);
      stopListening ??= page.listen({
        wake: () => dispatch({ type: 'wake' }),
        offline: () => dispatch({ type: 'offline' }),
      });
      dispatch({ type: 'want' });
      return () => {
        if (!wants.delete(want) || wants.size > 0) return;
        stopListening?.();
        stopListening = undefined;
        dispatch({ type: 'unwant' });
      };
    },
    send,
    nextRequest,
    again: () => {
      // From the beginning, whatever is under way: it was asked for in the name of somebody else.
      dispatch({ type: 'unwant' });
      if (wants.size > 0) dispatch({ type: 'want' });
      tellAgain();
    },
    close: () => {
      stopListening?.();
      dispatch({ type: 'close' });
    },
  };
}
