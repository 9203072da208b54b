/**
 * Whence a request came, as the operating system says. It stands beside the request and in no header
 * of it, because a client writes those.
 */
const peers = new WeakMap<Request, string>();

export function withPeer(request: Request, address: string): Request {
  peers.set(request, address);
  return request;
}

/** The peer's address, empty when it has none; undefined where the host did not tell. */
export const peerOf = (request: Request): string | undefined => peers.get(request);

const loopback = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i;

export const isLoopback = (address: string): boolean => loopback.test(address);
