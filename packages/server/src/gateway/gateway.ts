import { type CloseCode, closeCodes } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Core } from '../core.ts';
import type { Cancel } from '../environment.ts';
import { isOriginAllowed } from '../origin.ts';
import { AwakeClock } from './awake-clock.ts';
import { Connection } from './connection.ts';
import { GuardedSocket } from './guarded-socket.ts';
import { type Opening, requestOf } from './kept-request.ts';
import type { GatewaySocket, HeldSocket } from './socket.ts';
import { type AnswerRequest, StockConnection, type StockHost } from './stock-connection.ts';

const tickMs = 1_000;
/** A tick that is later than that means that this process stood still. */
const lateMs = 2_000;
/** A host that never says that a socket is gone would use up the places of others. */
const goneMs = 30_000;

/** What speaks to a socket: the first is for our own clients, the other for the AI SDK's. */
type Served = Connection | StockConnection;

/** The peer of a closed socket may take its time to answer, and hold the connection meanwhile. */
class Closing {
  readonly until: number;

  constructor(until: number) {
    this.until = until;
  }
}

/** A socket that is not gone yet: what speaks to it, while that does. */
type Place = Served | Closing;

/** `known`: one whose upgrade has told the application who opens it. */
type Kind = 'socket' | 'known' | 'stream';

/** What goes on while there are sockets. */
interface Watch {
  readonly hosts: { readonly [Each in Kind]: StockHost };
  readonly stop: Cancel;
}

interface Load {
  readonly sockets: number;
  readonly streams: number;
  readonly subscriptions: number;
  readonly bytes: number;
}

/** Serves sockets; keeps nothing that the log does not have. */
export class Gateway {
  readonly #core: Core;
  readonly #answer: AnswerRequest;
  readonly #report = (error: unknown): void => this.#core.report(error, {});
  readonly #places = new Map<HeldSocket, Place>();
  /** Null while there are no sockets: nobody asks its clock then. */
  #watch: Watch | null = null;

  /** `answer` is asked what stock clients ask for over their sockets. */
  constructor(core: Core, answer: AnswerRequest) {
    this.#core = core;
    this.#answer = answer;
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#open().length;
  }

  /** What is open, what that follows, and the bytes that the network has not taken yet. */
  load(): Load {
    const load = { sockets: 0, streams: 0, subscriptions: 0, bytes: 0 };
    for (const [socket, place] of this.#places) {
      if (place instanceof Closing) continue;
      load[place.isStream ? 'streams' : 'sockets']++;
      load.subscriptions += place.follows;
      load.bytes += socket.bufferedAmount;
    }
    return load;
  }

  /** True when the sockets that are not gone, open or closing, are as many as there may be. */
  get full(): boolean {
    return this.#places.size >= this.#core.limits.connections;
  }

  /**
   * Takes a socket that is open; `opening` is the request that opened it, without a body. One of a `stream` speaks by
   * requests, and is usually begun anew when it ends. Never throws.
   */
  accept(socket: GatewaySocket, opening: Opening, kind: 'socket' | 'stream' = 'socket'): void {
    this.take(new GuardedSocket(socket, this.#report), opening, kind);
  }

  /** The same of one that needs no guard. */
  take(socket: HeldSocket, opening: Opening, kind: Kind = 'socket'): void {
    const refusal = this.#refusalOf(requestOf(opening));
    this.#watch ??= this.#begin();
    const host = this.#watch.hosts[kind];
    this.#leave(socket);
    if (refusal) {
      socket.tell({ received: () => {}, drained: () => {}, gone: () => this.#free(socket) });
      socket.shut(refusal.code, refusal.name);
      return;
    }
    const connection =
      socket.protocol === ''
        ? new StockConnection(this.#core, socket, opening, host)
        : new Connection(this.#core, socket, opening, host);
    if (this.#places.has(socket) && !connection.isClosed) this.#places.set(socket, connection);
  }

  /** Asks clients to move on within `drainMs`, and resolves when they have, or that time is over. */
  async drain(drainMs: number): Promise<void> {
    if (drainMs <= 0) return;
    for (const connection of this.#open()) connection.drain(drainMs);
    const step = Math.min(100, drainMs);
    for (let left = drainMs; left > 0 && this.size > 0; left -= step)
      await this.#core.environment.wait(step);
  }

  /** Closes the sockets that are still there. */
  close(): void {
    for (const connection of this.#open()) connection.close(closeCodes.restart);
    this.#rest();
  }

  /** Every door asks the same, also one that another host has opened. */
  #refusalOf(request: Request): CloseCode | undefined {
    if (!isOriginAllowed(request.headers, this.#core.origins)) return closeCodes.forbidden;
    if (!this.#core.lifecycle.isOpen) return closeCodes.restart;
    return this.full ? closeCodes.overloaded : undefined;
  }

  #open(): Served[] {
    return [...this.#places.values()].flatMap((place) => (place instanceof Closing ? [] : [place]));
  }

  #leave(socket: HeldSocket): void {
    this.#places.set(socket, new Closing(this.#core.environment.now() + goneMs));
  }

  #free(socket: HeldSocket): void {
    this.#places.delete(socket);
    if (this.#places.size === 0) this.#rest();
  }

  #begin(): Watch {
    const { environment } = this.#core;
    const awake = new AwakeClock(environment.now, lateMs);
    const tick = () => this.#tick(environment.now(), awake.hasSlept());
    const hosts = {
      socket: this.#hostOf(awake, 'socket'),
      known: this.#hostOf(awake, 'known'),
      stream: this.#hostOf(awake, 'stream'),
    };
    return { hosts, stop: inCleanContext(() => environment.every(tickMs, tick)) };
  }

  /** One for all connections of a kind. */
  #hostOf(awake: AwakeClock, kind: Kind): StockHost {
    return {
      awake: awake.now,
      answer: this.#answer,
      isStream: kind === 'stream',
      isKnown: kind === 'known',
      onClosed: (socket) => {
        // A socket that went by itself has given its place back already.
        if (this.#places.has(socket)) this.#leave(socket);
      },
      onGone: (socket) => this.#free(socket),
    };
  }

  #rest(): void {
    this.#watch?.stop();
    this.#watch = null;
  }

  #tick(now: number, isLate: boolean): void {
    for (const [socket, place] of this.#places) {
      if (place instanceof Closing) {
        if (now >= place.until) this.#free(socket);
      } else
        try {
          place.tick(now, isLate);
        } catch (error) {
          this.#core.report(error, {});
          place.close(closeCodes.internal);
        }
    }
  }
}
