import { isLoopback, peerOf } from './edge/peer.ts';
import type { Authorize } from './options.ts';

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/**
 * The rule without an `authorize` option: nobody, except in development who comes from this machine
 * and asks for a loopback host. The address counts because any client may write `Host: localhost`; the
 * host counts because a foreign page may have had its name resolved to 127.0.0.1. Only a host that
 * tells no address, as the routes of Next do, is judged by its headers alone.
 */
export const developmentOnly: Authorize = ({ request }) => {
  const peer = peerOf(request);
  return process.env.NODE_ENV !== 'production' &&
    (peer === undefined || isLoopback(peer)) &&
    loopbackHost.test(request.headers.get('host') ?? '')
    ? { id: 'developer' }
    : null;
};

let isTold = false;

/** Says once in a process that nobody has said who may do what. */
export function warnOfNoAuthorize(): void {
  if (isTold) return;
  isTold = true;
  process.emitWarning(
    process.env.NODE_ENV === 'production'
      ? 'createHoldfast has no `authorize`: every request is refused'
      : 'createHoldfast has no `authorize`: whoever is on this machine may do everything, others nothing; in production everybody is refused',
    { code: 'HOLDFAST_AUTHORIZE' },
  );
}
