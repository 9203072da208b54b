import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { UIMessage } from 'ai';
import type { Holdfast } from '../holdfast.ts';
import { headersOf } from '../incoming-headers.ts';
import type { Agents } from '../run/agents.ts';
import type { ClientTools } from '../run/client-tools.ts';

export interface NodeHandlerOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /** One, or several by name; not needed where workers execute runs (`dispatch`). */
  readonly agent?: Agents<UI_MESSAGE>;
  readonly agentName?: string;
  /** The tools of these agents that clients execute. @default those of `createHoldfast` */
  readonly clientTools?: ClientTools;
  /** Where the chat route lives. @default '/api/chat' */
  readonly api?: string;
}

/**
 * A listener for `http.createServer`, Express or Fastify's raw server. Resolves to false, without
 * having touched the response, when the request is not for the chat route.
 */
export function toNodeHandler<UI_MESSAGE extends UIMessage = UIMessage>(
  holdfast: Holdfast,
  { api = '/api/chat', ...options }: NodeHandlerOptions<UI_MESSAGE>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean> {
  if (options.agent) holdfast.register(options.agent, options.agentName);
  return async (incoming, outgoing) => {
    const path = pathUnder(api, incoming.url ?? '/');
    if (!path) return false;
    const response = await holdfast.handle(toRequest(incoming), { ...options, path });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    // A client waits for the head before it reads; the first chunk may be far off.
    outgoing.flushHeaders();
    if (!response.body) {
      outgoing.end();
      return true;
    }
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    // A client that goes away ends its stream, and that is no fault.
    await pipeline(body, outgoing).catch(() => {});
    return true;
  };
}

/** The segments behind the route; null when the URL is not under it. */
function pathUnder(api: string, url: string): string[] | null {
  const pathname = url.split('?', 1)[0] ?? '';
  const base = api.replace(/\/$/, '');
  if (pathname !== base && !pathname.startsWith(`${base}/`)) return null;
  try {
    return pathname.slice(base.length).split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    // A path that cannot be decoded names nothing; the handler answers 404.
    return ['', '', ''];
  }
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = headersOf(incoming);
  const { method = 'GET' } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(incoming.url ?? '/', 'http://localhost'), {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
}
