import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { subprotocol } from '@holdfast/protocol';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Core } from '../core.ts';
import { isOriginAllowed } from '../origin.ts';
import type { Gateway } from './gateway.ts';
import type { GatewaySocket } from './socket.ts';

const closeMs = 5_000;

export interface AttachOptions {
  /** @default '/holdfast' */
  readonly path?: string;
  /**
   * Takes upgrades for other paths, such as Next's `app.getUpgradeHandler()`; only those under
   * `/_next/` are handed on, since Next leaves others without an answer. Everything else gets 404.
   */
  readonly next?: (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;
}

/**
 * Serves the gateway on an HTTP server, beside whatever it serves already. Returns what undoes it;
 * open sockets stay until the gateway closes.
 */
export function attach(
  core: Core,
  gateway: Gateway,
  server: Server,
  { path = '/holdfast', next }: AttachOptions = {},
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
  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A reset during the handshake must not end the process.
    socket.on('error', () => socket.destroy());
    const pathname = incoming.url?.split('?', 1)[0] ?? '';
    if (pathname !== path) {
      if (next && pathname.startsWith('/_next/')) next(incoming, socket, head);
      else refuse(socket, '404 Not Found');
      return;
    }
    const request = requestOf(incoming);
    if (!isOriginAllowed(request.headers, core.origins)) return refuse(socket, '403 Forbidden');
    if (gateway.full) return refuse(socket, '429 Too Many Requests');
    sockets.handleUpgrade(incoming, socket, head, (open) => {
      gateway.accept(adapt(open), request);
    });
  };
  server.on('upgrade', upgrade);
  return () => server.off('upgrade', upgrade);
}

const firstOf = (offered: Set<string>): string | false => [...offered][0] ?? false;

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The upgrade as the application's `authorize` sees it. */
function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const each of value ?? []) headers.append(name, each);
  const host = headers.get('host') ?? 'localhost';
  return new Request(new URL(incoming.url ?? '/', `http://${safeHost(host)}`), { headers });
}

const safeHost = (host: string): string => (/^[\w.:[\]-]+$/.test(host) ? host : 'localhost');

function adapt(socket: WebSocket): GatewaySocket {
  // `ws` closes with 1009 or 1007 itself and reports here why; the close is what counts.
  socket.on('error', () => {});
  return {
    protocol: socket.protocol,
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text, { binary: false });
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
