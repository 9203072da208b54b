import type { Holdfast } from '../holdfast.ts';
import { createSocketPair, type TestSocket } from './socket-pair.ts';

/** Where the route and the gateway of a test are. Nothing listens there: requests stay in the process. */
export const api: string = 'http://localhost/api/chat';
export const gatewayUrl: string = 'ws://localhost/holdfast';

const unreachable = (): TypeError => new TypeError('fetch failed: the network is cut');

/** One tab's way to the server, which can be cut. */
export interface Network {
  /** Rejects with a `TypeError` while the network is cut, as a browser's does. */
  readonly fetch: typeof globalThis.fetch;
  /** Sockets that are closed with 1006 as soon as the network is cut. */
  readonly WebSocket: new (
    url: string,
    protocols: string[],
  ) => TestSocket;
  /** Breaks off every request and socket, and refuses new ones. */
  cut(): void;
  /** Lets new ones through again. */
  restore(): void;
}

export type Serve = (request: Request, path: readonly string[]) => Promise<Response>;

/** Requests and sockets that reach a Holdfast without leaving the process. */
export function createNetwork(holdfast: Pick<Holdfast, 'accept'>, serve: Serve): Network {
  let cable = new AbortController();

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { signal } = cable;
    if (signal.aborted) throw unreachable();
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const path = pathname.slice(new URL(api).pathname.length).split('/').filter(Boolean);
    const response = await until(serve(request, path.map(decodeURIComponent)), [
      signal,
      request.signal,
    ]);
    return response.body
      ? new Response(through(response.body, signal), response)
      : new Response(null, response);
  };

  return {
    fetch,
    WebSocket: function WebSocket(url: string, protocols: string[]) {
      const { client, server } = createSocketPair(protocols[0] ?? '', cable.signal);
      const address = url.replace(/^ws/, 'http');
      const { host } = new URL(address);
      if (server) holdfast.accept(server, new Request(address, { headers: { host } }));
      return client;
    } as unknown as Network['WebSocket'],
    cut: () => cable.abort(unreachable()),
    restore: () => {
      if (cable.signal.aborted) cable = new AbortController();
    },
  };
}

/** What the work gives, or the reason of the first signal that fires meanwhile. */
function until<T>(work: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  const signal = AbortSignal.any([...signals]);
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** The body as it comes, until the signal breaks it off. */
function through(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener('abort', () => {
        controller.error(signal.reason);
        reader.cancel().catch(() => {});
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
