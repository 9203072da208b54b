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

/**
 * The absolute address of the socket. A path belongs to the host of `api` when that names one, else
 * to the page.
 */
function socketUrl(url: string, api: string): string {
  const page = (globalThis as { location?: { readonly href?: string } }).location?.href;
  const resolved = parse(url) ?? parse(url, parse(api)) ?? parse(url, page);
  if (resolved) return resolved.replace(/^http/, 'ws');
  throw new Error(`"${url}" has no host; pass an absolute "url" or "api" outside a page`);
}

/** Not `URL.canParse` and setters: React Native's `URL` has neither. */
function parse(url: string, base?: string): string | undefined {
  try {
    return new URL(url, base).href;
  } catch {
    return undefined;
  }
}

/** Opens a socket; throws when it has no address or no implementation. */
export function openSocket(url: string, api: string, own: SocketConstructor | undefined): Socket {
  const Socket = own ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (Socket) return new Socket(socketUrl(url, api), [subprotocol]);
  throw new Error('there is no WebSocket; pass the option "WebSocket"');
}
