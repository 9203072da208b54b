import { encodeFrame, subprotocol, version } from '@holdfast/protocol';
import { WebSocket } from 'ws';

/** A bare socket at Holdfast's gateway. Nothing is looked at that is not asked for. */
export const openGatewaySocket = (origin: string): WebSocket =>
  new WebSocket(`${origin.replace('http:', 'ws:')}/holdfast`, [subprotocol], {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });

/** Says hello and asks for a session, in one go (HF-CONN-5); from a position on where one is given. */
export function followSession(socket: WebSocket, session: string, position?: string): void {
  socket.send(encodeFrame({ t: 'hello', v: version }));
  socket.send(encodeFrame({ t: 'sub', r: 1, s: session, pos: position }));
}

/** The type of a frame, which the server writes first, without reading the rest. */
export const typeOf = (frame: Buffer): string =>
  /^\{"t":"(\w+)"/.exec(frame.toString('latin1', 0, 24))?.[1] ?? '';

const e = 'e'.charCodeAt(0);

/** The same for `entry` by its first letter, which no other type has: it is asked a million times. */
export const isEntry = (frame: Buffer): boolean => frame[6] === e;
