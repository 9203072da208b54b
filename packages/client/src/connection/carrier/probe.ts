import type { Socket } from '../../contract/connection.ts';
import type { Environment } from '../../environment.ts';

/** When a socket is next tried on the side. */
export interface ProbePlan {
  /** After so many ms; twice as late each time. */
  probeMs: number;
}

export interface ProbeOptions {
  readonly environment: Environment;
  readonly way: ProbePlan;
  /** Opens a socket; throws where none can be made. */
  readonly openSocket: () => Socket;
  /** The frame with which a socket begins. */
  readonly hello: string;
  /** A gateway has answered. */
  readonly found: () => void;
}

/** The delay between two tries doubles up to this. */
const probeCapMs = 960_000;

/**
 * Tries sockets on the side (HF-CAR-6) until one is answered, or the returned function is called. One that opens
 * proves little: there are proxies that take it, and say nothing more.
 */
export function probeSockets({
  environment,
  way,
  openSocket,
  ...options
}: ProbeOptions): () => void {
  let socket: Socket | undefined;
  let cancel = (): void => {};

  function end(): void {
    cancel();
    socket?.close();
    socket = undefined;
  }

  function attempt(): void {
    end();
    plan();
    way.probeMs = Math.min(probeCapMs, way.probeMs * 2);
    let opened: Socket;
    try {
      opened = openSocket();
    } catch {
      // A host without sockets may get some by a polyfill.
      return;
    }
    socket = opened;
    const found = (isFound: boolean): void => {
      if (!isFound || socket !== opened) return;
      end();
      options.found();
    };
    opened.addEventListener('open', () => opened.send(options.hello));
    opened.addEventListener('message', ({ data }) => found(/"welcome"/.test(data as string)));
    // Who is refused by a gateway has a way to it.
    opened.addEventListener('close', ({ code }) => found(code >= 4000));
    opened.addEventListener('error', () => {});
  }

  function plan(): void {
    cancel = environment.after(way.probeMs, attempt);
  }

  plan();
  return end;
}
