import { subprotocol } from '@holdfast/protocol';

/** The part of a WebSocket that is used: browsers', Node's, React Native's and `ws`' have it. */
export interface Socket {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** The beginning of an absolute address: its scheme and host. */
const absolute = /^((?:http|ws)s?:)\/\/[^/?#]+/i;

/**
 * The absolute address of the socket. A path belongs to the host of `api` when that names one, else
 * to the page. Not by `URL`: React Native's takes anything, and puts a slash at the end.
 */
export function socketUrl(
  url: string,
  api: string,
  page: string = (globalThis as { location?: { readonly href?: string } }).location?.href ?? '',
): string {
  const resolved = absolute.test(url) ? url : within(url, api) || within(url, page);
  if (resolved) return resolved.replace(/^https?/i, ({ length }) => 'wss'.slice(0, length - 2));
  throw new Error(`"${url}" has no host; pass an absolute "url" or "api" outside a page`);
}

/** The address that a page at the base means; empty when the base has no host. */
function within(url: string, base: string): string {
  const [origin, scheme] = absolute.exec(base) ?? [];
  if (!origin) return '';
  if (url.startsWith('//')) return scheme + url;
  if (url.startsWith('/')) return origin + url;
  const path = base.slice(origin.length).replace(/[?#].*/s, '');
  return `${origin}${path.slice(0, path.lastIndexOf('/')) || ''}/${url}`;
}

/** Opens a socket; throws when it has no address or no implementation. */
export function openSocket(url: string, api: string, own: SocketConstructor | undefined): Socket {
  const Socket = own ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (Socket) return new Socket(socketUrl(url, api), [subprotocol]);
  throw new Error('there is no WebSocket; pass the option "WebSocket"');
}
