import { closeCodes, type ServerFrame, type WireError } from '@holdfast/protocol';

/** A client that was sent away because of the load waits as long as one whose socket was closed as overloaded, in ms. */
const overloadedMs = 5_000;
const againMs = 1_000;

/** As a socket's `close` would tell it, by the codes of PROTOCOL.md section 12. */
const byCode: Readonly<Record<number, WireError>> = {
  [closeCodes.tooBig.code]: {
    code: 'bad_request',
    message: 'unable to follow: the position or the token is too long',
  },
  [closeCodes.restart.code]: {
    code: 'unavailable',
    message: 'unable to follow: this process is closing; ask again, and another one answers',
    retryMs: againMs,
  },
  [closeCodes.overloaded.code]: {
    code: 'unavailable',
    message: 'unable to follow: this server has as many connections as it takes; try again later',
    retryMs: overloadedMs,
  },
  [closeCodes.unauthorized.code]: {
    code: 'unauthorized',
    message: 'unable to connect: not allowed; sign in',
  },
  [closeCodes.forbidden.code]: { code: 'forbidden', message: 'unable to follow: not allowed' },
  [closeCodes.tooMany.code]: {
    code: 'limit',
    message: 'unable to follow: one participant has too many sockets and streams; close one',
    retryMs: overloadedMs,
  },
  [closeCodes.internal.code]: {
    code: 'internal',
    message: 'unable to follow: a fault of the server; try again later',
    retryMs: againMs,
  },
};

/** The refusal of a stream that has not begun. */
export const gone: WireError = {
  code: 'unavailable',
  message: 'unable to follow: the connection ended before it was answered; try again',
  retryMs: againMs,
};

/** The same as the close of a socket, for a stream that has not begun. */
export const errorOfClose = (code: number): WireError => byCode[code] ?? gone;

/** The reason in a `res` frame that refuses. */
export function errorIn(frame: string | Uint8Array): WireError {
  const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
  const res = JSON.parse(text) as Extract<ServerFrame, { t: 'res' }>;
  return 'err' in res && res.err ? res.err : gone;
}
