import type { ClientLimits } from '@holdfast/protocol';
import type { Carrier, CarrierReason, Socket } from '../../contract/connection.ts';
import type { Environment } from '../../environment.ts';
import type { Route } from '../../http/route.ts';
import { type CarrierChoice, type CarrierEvent, carrierOf, choices } from './choice.ts';
import type { HttpSocketOptions, Way } from './http-socket.ts';

export interface CarriersOptions {
  readonly carrier?: 'auto' | Carrier;
  /** Throws where none can be made. */
  readonly openSocket: () => Socket;
  readonly route: Pick<Route, 'ask' | 'post'>;
  readonly environment: Environment;
  readonly limits: ClientLimits;
}

/** What the tries of a connection are made with. */
export interface Carriers {
  /** Loads what `open` needs. Rejects where it cannot be, and nothing else is wanted. */
  load(): Promise<void>;
  /** Opens a socket, or what behaves as one over HTTP. Throws where none can be made. */
  open(): Socket;
  /** True when the next try is to be made at once, because it is made with something else. */
  on(event: CarrierEvent, why?: CarrierReason): boolean;
  readonly carrier: Carrier;
  /** Why that is HTTP. */
  readonly reason: CarrierReason | null;
  /** How long a try may be silent, in ms: not long where HTTP can take its place. */
  readonly openMs: number;
}

/** From the first byte to an open socket, and from there to `welcome`. */
const openMs = 8_000;
/** The delay before a socket is tried on the side, doubling. */
const probeMs = 30_000;

export function createCarriers(options: CarriersOptions): Carriers {
  const { limits } = options;
  const way: Way = { isBuffered: false, probeMs };
  let choice: CarrierChoice = options.carrier ?? 'auto';
  let reason: CarrierReason = 'option';
  /** Until it is loaded nothing but sockets is asked for. */
  let openHttpSocket: (of: HttpSocketOptions) => Socket = options.openSocket;

  function on(event: CarrierEvent, why = reason): boolean {
    const next = choices[choice][event];
    choice = next ?? choice;
    if (next !== 'http-instead') return false;
    reason = why;
    return true;
  }

  const carrier = (): Carrier => carrierOf(choice);

  return {
    load: async () => {
      if (carrier() === 'socket') return;
      try {
        ({ openHttpSocket } = await import('./http-socket.ts'));
      } catch (error) {
        // As behind a deployment: a socket is tried all the same.
        on('failed');
        if (carrier() === 'http') throw error;
      }
    },
    open: () => {
      if (carrier() === 'socket') return options.openSocket();
      const openSocket = choice === 'http' ? undefined : options.openSocket;
      return openHttpSocket({ ...options, way, openSocket, found: () => on('found') });
    },
    on,
    get carrier() {
      return carrier();
    },
    get reason() {
      return carrier() === 'http' ? reason : null;
    },
    get openMs() {
      return choice === 'auto' ? limits.probeMs : openMs;
    },
  };
}
