import type { IncomingMessage } from 'node:http';
import { bodyOf } from './incoming-body.ts';
import { withPeer } from './peer.ts';
import { pathnameOf, type Target, targetOf } from './target.ts';

/**
 * The result of reading a host's request. `elsewhere`: it is for others. `refused`: nothing but the status is
 * known of it. `path` are the segments behind the mount; the URL of `request` is in the normal form.
 */
export type Converted =
  | { readonly kind: 'request'; readonly request: Request; readonly path: readonly string[] }
  | { readonly kind: 'refused'; readonly status: 400 | 405 | 501 }
  | { readonly kind: 'elsewhere' };

/**
 * As much of an HTTP/1 or HTTP/2 request as is looked at; a stranger wrote all of it. Frameworks that take
 * the path of a mount away from `url` keep the whole in `originalUrl`.
 */
type Incoming = IncomingMessage & { readonly authority?: unknown; readonly originalUrl?: unknown };

const refused = (status: 400 | 405 | 501): Converted => ({ kind: 'refused', status });

/**
 * Converts what a host gives to what the rest works with: the only place where a URL or a `Request`
 * is made of it. Total: whatever a stranger sends gives a value, nothing throws. For an upgrade the
 * method and the body are left to the handshake.
 */
export function convert(
  incoming: Incoming,
  mount: readonly string[],
  use: 'request' | 'upgrade',
): Converted {
  try {
    const target = [incoming.url, incoming.originalUrl ?? incoming.url]
      .map(targetOf)
      .find((each) => isUnder(each, mount));
    if (target === undefined) return { kind: 'elsewhere' };
    return target ? read(incoming, target, mount.length, use) : refused(400);
  } catch {
    return refused(400);
  }
}

/** A target that is no path is ours only where all of the server is. */
function isUnder(target: Target | null, mount: readonly string[]): boolean {
  if (!target) return mount.length === 0;
  return mount.every((segment, at) => target.segments[at] === segment);
}

function read(
  incoming: Incoming,
  { authority, segments, query }: Target,
  depth: number,
  use: 'request' | 'upgrade',
): Converted {
  const headers = headersOf(incoming);
  const host = headers.get('host');
  if (authority !== null && authority !== host) return refused(400);
  if (host !== null && !isHost(host)) return refused(400);
  const known = segments.filter((segment) => segment !== null);
  if (known.length < segments.length) return refused(400);
  const { method = '' } = incoming;
  if (use === 'request' && /^(CONNECT|TRACE|TRACK)$/i.test(method)) return refused(405);
  if (use === 'request' && !/^[A-Z]{1,32}$/.test(method)) return refused(501);
  const url = `${schemeOf(incoming)}://${host ?? 'localhost'}${pathnameOf(known)}${query}`;
  const hasBody = use === 'request' && method !== 'GET' && method !== 'HEAD';
  const request = new Request(url, {
    method: use === 'upgrade' ? 'GET' : method,
    headers,
    ...(hasBody ? { body: bodyOf(incoming), duplex: 'half' } : {}),
  } as RequestInit);
  return {
    kind: 'request',
    request: withPeer(request, addressOf(incoming)),
    path: known.slice(depth),
  };
}

/**
 * A request's headers as the fetch API has them; a header that came twice stays twice. Throws for a
 * value that it cannot have, and for a second `Host` or `Origin`, of which only one would be compared.
 */
function headersOf(incoming: Incoming): Headers {
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    // Headers of HTTP/2 that stand for the request line.
    if (name.startsWith(':')) continue;
    if (/^(?:host|origin)$/i.test(name) && headers.has(name)) throw new TypeError('came twice');
    headers.append(name, value);
  }
  const { authority } = incoming;
  if (typeof authority === 'string' && authority !== '' && !headers.has('host'))
    headers.set('host', authority);
  return headers;
}

const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

const isHost = (host: string): boolean => hostForm.test(host) && URL.canParse(`http://${host}`);

const schemeOf = ({ socket }: Incoming): 'http' | 'https' =>
  (socket as { readonly encrypted?: boolean } | null)?.encrypted ? 'https' : 'http';

function addressOf(incoming: Incoming): string {
  try {
    return incoming.socket.remoteAddress ?? '';
  } catch {
    // A session of HTTP/2 that is over has no socket any more.
    return '';
  }
}
