import { createHash } from 'node:crypto';

interface Asking {
  /** A request, or the opening of a socket. */
  request: { headers: Pick<Headers, 'get'> };
  /** What the page gave as `token`; this one gives none. */
  token?: string | undefined;
}

/**
 * Who asks: the browser that has this cookie of proxy.ts. Put your sign-in in its place. Whoever reads a chat is shown the
 * ids of those who write in it: so not the cookie, which lets its bearer in, but what nobody can make it of.
 */
export async function userOf({ request }: Asking): Promise<{ id: string } | null> {
  const key = /(?:^|; )visitor=([\w-]{36})(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1];
  if (key === undefined) return null;
  return { id: createHash('sha256').update(key).digest('base64url') };
}
