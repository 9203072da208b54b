import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { subprotocol } from '@holdfast/protocol';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Core } from '../core.ts';
import { headersOf } from '../incoming-headers.ts';
import { isOriginAllowed } from '../origin.ts';
import { framed } from './framed.ts';
import type { Gateway } from './gateway.ts';
import type { GatewaySocket } from './socket.ts';

const closeMs = 5_000;

export interface AttachOptions {
  /** @default '/holdfast' */
  readonly path?: string;
  /**
   * What becomes of upgrades for other paths. `refuse`: 404, except for those under `/_next/`, which
   * go to Next's own listener; Next would leave the rest without an answer. `pass`: all go to the
   * server's other listeners.
   * @default 'refuse'
   */
  readonly others?: 'refuse' | 'pass';
}

type Upgrade = readonly [incoming: IncomingMessage, socket: Duplex, head: Buffer];

/**
 * Serves the gateway on an HTTP server, beside whatever it serves already. Returns what undoes it;
 * open sockets stay until the gateway closes.
 */
export function attach(
  core: Core,
  gateway: Gateway,
  server: Server,
  { path = '/holdfast', others = 'refuse' }: AttachOptions = {},
): () => void {
  // The types of `ws` do not have `closeTimeout` yet.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    maxPayload: core.limits.frameBytes,
    // One compression context costs more memory than all the rest of a connection.
    perMessageDeflate: false,
    // A peer that is gone never answers the closing handshake.
    closeTimeout: closeMs,
    // The gateway answers an unknown version with a close code, so the handshake must succeed.
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : firstOf(offered)),
  };
  const sockets = new WebSocketServer(options);
  const isPassedOn = (pathname: string): boolean =>
    pathname !== path &&
    server.listenerCount('upgrade') > 1 &&
    (others === 'pass' || pathname.startsWith('/_next/'));
  return intercept(server, ([incoming, socket, head]) => {
    const pathname = incoming.url?.split('?', 1)[0] ?? '';
    if (isPassedOn(pathname)) return 'pass';
    // A reset during the handshake must not end the process.
    socket.on('error', () => socket.destroy());
    const request = requestOf(incoming);
    if (pathname !== path) refuse(socket, '404 Not Found');
    else if (!isOriginAllowed(request.headers, core.origins)) refuse(socket, '403 Forbidden');
    else if (gateway.full) refuse(socket, '429 Too Many Requests');
    else
      sockets.handleUpgrade(incoming, socket, head, (open) => {
        gateway.accept(adapt(open, socket), request);
      });
    return 'taken';
  });
}

/**
 * Sees upgrades before every listener of the server. A listener of our own would not do: Next adds
 * one at its first request, which ends each socket whose path fits one of the app's pages, and
 * `/holdfast` fits `app/[slug]`.
 */
function intercept(server: Server, take: (upgrade: Upgrade) => 'taken' | 'pass'): () => void {
  // Node makes an upgrade of a request only where somebody listens for them.
  const listening = () => {};
  server.on('upgrade', listening);
  const emit = server.emit;
  let attached = true;
  const intercepted: typeof emit = (event: string, ...values: unknown[]) =>
    (attached && event === 'upgrade' && take(values as unknown as Upgrade) === 'taken') ||
    Boolean(Reflect.apply(emit, server, [event, ...values]));
  server.emit = intercepted;
  return () => {
    attached = false;
    server.off('upgrade', listening);
    if (server.emit === intercepted) server.emit = emit;
  };
}

const firstOf = (offered: Set<string>): string | false => [...offered][0] ?? false;

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The upgrade as the application's `authorize` sees it. */
function requestOf(incoming: IncomingMessage): Request {
  const headers = headersOf(incoming);
  const host = headers.get('host') ?? 'localhost';
  return new Request(new URL(incoming.url ?? '/', `http://${safeHost(host)}`), { headers });
}

const safeHost = (host: string): string => (/^[\w.:[\]-]+$/.test(host) ? host : 'localhost');

function adapt(socket: WebSocket, stream: Duplex): GatewaySocket {
  // `ws` closes with 1009 or 1007 itself and reports here why; the close is what counts.
  socket.on('error', () => {});
  return {
    protocol: socket.protocol,
    get bufferedAmount() {
      return stream.writableLength;
    },
    send: (text) => {
      if (socket.readyState !== socket.OPEN) return;
      // Without compression `ws` hands each frame to the stream at once and whole, so that another
      // one may go between two of them.
      if (typeof text === 'string') socket.send(text, { binary: false });
      // Not `instanceof`: a host may have several kinds of `Uint8Array`, as test environments do.
      else if (ArrayBuffer.isView(text)) stream.write(framed(text));
      else {
        // One system call for all of them.
        stream.cork();
        for (const each of text) stream.write(framed(each));
        stream.uncork();
      }
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) => {
      socket.on('message', (data, isBinary) => listener(isBinary ? null : data.toString()));
    },
    onClose: (listener) => {
      socket.on('close', listener);
    },
  };
}
