import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { HoldfastError, subprotocol } from '@holdfast/protocol';
import { type Server as Handshaking, type ServerOptions, WebSocketServer } from 'ws';
import type { Core } from '../core.ts';
import { convert } from '../edge/incoming.ts';
import { segmentsOf } from '../edge/target.ts';
import { bearerOf } from '../http/admit.ts';
import { isOriginAllowed } from '../origin.ts';
import { ComingFrame } from './coming-frame.ts';
import { CountedSocket } from './counted-socket.ts';
import type { Gateway } from './gateway.ts';
import { intercept } from './intercept.ts';
import { KeptRequest } from './kept-request.ts';
import { Lobby } from './lobby.ts';
import type { Upgrade } from './upgrade.ts';
import { WsSocket } from './ws-socket.ts';

const closeMs = 5_000;
/** A refused peer may read its answer for so long before its socket is destroyed. */
const refusedMs = 2_000;
/** Another listener may take so long to answer an upgrade that was left to it. */
const unansweredMs = 30_000;

/** Options of `attach`. */
export interface AttachOptions {
  /**
   * Path of the gateway's sockets, as it is after whatever a proxy takes away.
   * @default '/holdfast'
   */
  readonly path?: string;
  /**
   * The treatment of WebSocket upgrades for other paths. `refuse`: 404, except for those under
   * `/_next/`, which go to Next's own listener; Next would leave the rest without an answer. `pass`: all
   * go to the server's other listeners, as do upgrades to other protocols then; one that nobody has
   * answered after 30 s is closed. Otherwise upgrades to other protocols are ordinary requests.
   * @default 'refuse'
   */
  readonly others?: 'refuse' | 'pass';
}

/**
 * Serves the gateway on an HTTP server, beside whatever it serves already. Whatever a stranger sends is
 * answered or closed; nothing throws. Returns what undoes it; open sockets stay until the gateway
 * closes.
 */
export function attach(
  core: Core,
  gateway: Gateway,
  server: Server,
  { path = '/holdfast', others = 'refuse' }: AttachOptions = {},
): () => void {
  const mount = segmentsOf(path).filter((segment) => segment !== null);
  const lobby = new Lobby(core.limits.connections, core.environment);
  const handshakes = handshakesOf(core.limits.frameBytes);
  // A stock client says its sends here too, with their files (HF-STK-2), once it is known who it is.
  const ofStock = handshakesOf(core.limits.sendBytes, CountedSocket);
  const report = (error: unknown) => core.report(error, {});
  const hasOthers = () => server.listenerCount('upgrade') > 1;

  const refuse = (socket: Duplex, status: string): void => {
    if (lobby.full) {
      socket.destroy();
      return;
    }
    lobby.hold(socket, refusedMs);
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    // Unread bytes would hide that the peer has closed, and take the answer along.
    socket.resume();
  };
  const leave = (socket: Duplex): 'passed' | 'taken' => {
    if (lobby.full) {
      socket.destroy();
      return 'taken';
    }
    const written = writtenTo(socket);
    // A listener that has ended it, and reads no more, would not notice that the peer has closed as well.
    const isTheirs = () => writtenTo(socket) !== written && !socket.writableEnded;
    lobby.hold(socket, unansweredMs, isTheirs);
    return 'passed';
  };
  /** `known`: the id of whom a stock client's upgrade has told. */
  const greet = ([incoming, socket, head]: Upgrade, request: Request, known?: string): void => {
    const handshake = known === undefined ? handshakes : ofStock;
    const opened = lobby.hold(socket, refusedMs);
    const opening = new KeptRequest(request);
    handshake.handleUpgrade(incoming, socket, head, (webSocket) => {
      opened();
      // `ws` listens to it from now on.
      socket.off('error', destroy);
      webSocket.over(socket, report);
      if (webSocket instanceof CountedSocket && known !== undefined)
        webSocket.counting(new ComingFrame(core, known), socket);
      // What waits behind a frame of a stranger's is in memory as that is.
      gateway.take(webSocket, opening, known === undefined ? 'socket' : 'known');
    });
  };
  const open = (upgrade: Upgrade, request: Request): void => {
    const [, socket] = upgrade;
    const isStock = !request.headers.has('sec-websocket-protocol');
    if (!isOriginAllowed(request.headers, core.origins)) refuse(socket, '403 Forbidden');
    else if (!core.lifecycle.isOpen) refuse(socket, '503 Service Unavailable');
    // The application may take long to say who a stock client is, and anybody can be one.
    else if (gateway.full || (isStock && lobby.full)) refuse(socket, '429 Too Many Requests');
    else if (!isStock) greet(upgrade, request);
    else {
      const asked = lobby.hold(socket, unansweredMs);
      void participantIn(core, request).then((known) => {
        asked();
        greet(upgrade, request, known);
      });
    }
  };
  const take = (upgrade: Upgrade): 'passed' | 'taken' => {
    const [incoming, socket] = upgrade;
    const converted = convert(incoming, mount, 'upgrade');
    // A reset before anybody else listens for it must not end the process.
    socket.on('error', destroy);
    const isOurs = converted.kind !== 'elsewhere' && !isBelow(converted);
    if (!isOurs && hasOthers() && (others === 'pass' || isOfNext(incoming))) return leave(socket);
    if (converted.kind === 'refused') refuse(socket, '400 Bad Request');
    else if (isOurs && converted.kind === 'request') open(upgrade, converted.request);
    else refuse(socket, '404 Not Found');
    return 'taken';
  };
  return intercept(server, {
    isUpgrade: (incoming) => isWebSocket(incoming) || (others === 'pass' && hasOthers()),
    take: (upgrade) => {
      try {
        return take(upgrade);
      } catch (error) {
        // A fault of one socket must not be the end of all.
        report(error);
        upgrade[1].destroy();
        return 'taken';
      }
    },
  });
}

/** The gateway has one path and nothing below it. */
const isBelow = (converted: ReturnType<typeof convert>): boolean =>
  converted.kind === 'request' && converted.path.length > 0;

const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

const isOfNext = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/_next/');

const writtenTo = (socket: Duplex): unknown => (socket as { bytesWritten?: number }).bytesWritten;

/** One function for all sockets, each of which it is called on. */
function destroy(this: Duplex): void {
  this.destroy();
}

type Handshakes = Handshaking<typeof WsSocket>;

function handshakesOf(frameBytes: number, Socket: typeof WsSocket = WsSocket): Handshakes {
  // The types of `ws` do not have `closeTimeout` yet.
  const options: ServerOptions<typeof WsSocket> & { readonly closeTimeout: number } = {
    noServer: true,
    WebSocket: Socket,
    // The gateway has a list of its own.
    clientTracking: false,
    maxPayload: frameBytes,
    // A compression context costs more memory than all the rest of a connection.
    perMessageDeflate: false,
    // A peer that is gone never answers the closing handshake.
    closeTimeout: closeMs,
    // The gateway answers an unknown version with a close code, so the handshake must succeed.
    handleProtocols: (offered) => {
      const [first = subprotocol] = offered;
      return offered.has(subprotocol) ? subprotocol : first;
    },
  };
  return new WebSocketServer(options);
}

/** The id of who opens it, by what an upgrade can bring: cookies, or an `Authorization`. Undefined where nobody knows. */
async function participantIn(core: Core, request: Request): Promise<string | undefined> {
  try {
    const token = bearerOf(request);
    const asked = { action: 'connect', sessionId: null, request, token } as const;
    return (await core.gatekeeper.admit(asked)).id;
  } catch (error) {
    if (!(HoldfastError.is(error) && error.code === 'unauthorized')) core.report(error, {});
    return undefined;
  }
}
