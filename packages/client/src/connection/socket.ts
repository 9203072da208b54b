import { HoldfastError } from '@holdfast/protocol';

/** The part of a WebSocket that is used: browsers', Node's, React Native's and `ws`' have it. */
export interface Socket {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/**
 * The absolute address of the socket. A path belongs to the host of `api` when that names one, else
 * to the page.
 */
export function socketUrl(url: string, api: string): string {
  const page = (globalThis as { location?: { readonly href?: string } }).location?.href;
  const absolute = URL.canParse(url) ? url : undefined;
  const base = URL.canParse(api) ? api : page;
  if (absolute === undefined && (base === undefined || !URL.canParse(url, base)))
    throw new HoldfastError(
      'bad_request',
      `unable to open a socket: "${url}" has no host; pass an absolute "url" or "api" outside a page`,
    );
  const resolved = new URL(url, base);
  if (resolved.protocol === 'http:') resolved.protocol = 'ws:';
  if (resolved.protocol === 'https:') resolved.protocol = 'wss:';
  return resolved.href;
}

export function defaultSocket(): SocketConstructor {
  const found = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (!found)
    throw new HoldfastError(
      'bad_request',
      'unable to open a socket: this runtime has no WebSocket; pass the option "WebSocket"',
    );
  return found;
}
