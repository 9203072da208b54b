import type { IncomingMessage } from 'node:http';
import { warnOnce } from '../warnings.ts';

/** The mark of a framework for the path under which it has mounted a middleware. */
type Mounted = IncomingMessage & { readonly baseUrl?: unknown };

/**
 * Tells of a handler that a framework has mounted at a path which is not its route: a send to that very
 * path passes by (HF-HTTP-11). Others may be for routes of the application that have the same mount.
 */
export function warnOfMount(incoming: Mounted, api: string): void {
  const { baseUrl, method, url } = incoming;
  if (typeof baseUrl !== 'string' || baseUrl === '' || `${api}/`.startsWith(`${baseUrl}/`)) return;
  if (method !== 'POST' || !/^\/?(?:\?|$)/.test(url ?? '')) return;
  if (!/^application\/json\b/i.test(incoming.headers['content-type'] ?? '')) return;
  warnOnce({
    code: 'HOLDFAST_MOUNT',
    words:
      `a handler of toNodeHandler is mounted at ${baseUrl} and lets requests there pass by, because its route is ${api}; ` +
      `if the chat route is ${baseUrl}, say so: toNodeHandler(holdfast, { api: '${baseUrl}', … })`,
  });
}
