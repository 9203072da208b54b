import { subprotocol } from '@holdfast/protocol';
import type { Socket, SocketConstructor } from '../contract/connection.ts';

/** Scheme and host of an address; undefined when it has none. */
const hostOf = (address: string): string | undefined => /^\w+:\/\/[^/?#]+/.exec(address)?.[0];

/**
 * The absolute address of the socket. A path belongs to the host of `api` when that names one, else to the
 * page's. Not by `URL`: React Native's takes anything, and puts a slash at the end.
 */
export function socketUrl(
  url: string,
  api: string,
  page: string = (globalThis as { location?: { readonly href?: string } }).location?.href ?? '',
): string {
  const host = hostOf(url) ?? hostOf(api) ?? hostOf(page);
  if (!host) throw new Error(`"${url}" has no host; pass one`);
  // `//host/path` lacks the scheme alone; every other path is one of the host, with a slash or without.
  const start = url.startsWith('//')
    ? host.split('//')[0]
    : host + (url.startsWith('/') ? '' : '/');
  return (hostOf(url) ? url : start + url).replace(/^http/i, 'ws');
}

/** Opens a socket; throws when there is no implementation. */
export function openSocket(address: string, own: SocketConstructor | undefined): Socket {
  const Socket = own ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (Socket) return new Socket(address, [subprotocol]);
  throw new Error('no WebSocket');
}
