import { HoldfastError } from '@holdfast/protocol';
import { peerOf, withPeer } from './peer.ts';

/**
 * The request under the one name that its path has. An `authorize` that reads `request.url` would
 * otherwise see another path than the router: slashes that say nothing are taken out, and an id or a verb
 * that is encoded, which none has to be, is refused as `bad_request`.
 */
export function normalRequest(request: Request, path: readonly string[]): Request {
  const url = new URL(request.url);
  const segments = url.pathname.split('/').filter(Boolean);
  if (path.length > 0 && segments.slice(-path.length).some((segment) => segment.includes('%')))
    throw new HoldfastError(
      'bad_request',
      'unable to read the request: ids and verbs in its path must not be encoded',
    );
  const pathname = `/${segments.join('/')}`;
  if (url.pathname === pathname) return request;
  url.pathname = pathname;
  const normal = new Request(url, request);
  const peer = peerOf(request);
  return peer === undefined ? normal : withPeer(normal, peer);
}
