import type { Authorize } from './contract/participant.ts';
import { isLoopback, peerOf } from './edge/peer.ts';
import { warnOnce } from './warnings.ts';

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

/** Says once in a process that nobody has said who may do what. */
export const warnOfNoAuthorize = (): void =>
  warnOnce({
    code: 'HOLDFAST_AUTHORIZE',
    words: `createHoldfast has no \`authorize\`: ${
      process.env.NODE_ENV === 'production'
        ? 'every request and every socket is refused, because NODE_ENV is production'
        : 'whoever is on this machine may do everything, others (a phone, another host name) nothing; in production everybody is refused'
    }. Give it a function that says who asks, such as \`authorize: async ({ request, sessionId }) => ({ id: (await userOf(request)).id })\`, and null for nobody (docs/security.md)`,
  });
