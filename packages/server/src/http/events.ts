import type { Core } from '../core.ts';
import { type EventAsk, EventSocket } from '../gateway/event-socket.ts';
import type { GatewaySocket } from '../gateway/socket.ts';
import { bearerOf } from './admit.ts';
import { refusedAs } from './answers.ts';
import { bad } from './body.ts';

/** The part of the gateway that takes a stream of events as one of its sockets. */
export interface Door {
  accept(socket: GatewaySocket, request: Request, kind: 'stream'): void;
}

/** The longest that a poll may wait, in ms: below the idle timeouts of common proxies, which begin at 30 s. */
const mostWaitMs = 25_000;

/** Proxies that buffer or compress a stream would hold its events back, and none may keep it. */
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * Streams what a socket of the gateway would be sent that follows the session (HF-EVT-1). Rejects with `bad_request`,
 * and with `unavailable` in a process that closes.
 */
export async function streamEvents(
  core: Core,
  gateway: Door,
  request: Request,
  session: string,
): Promise<Response> {
  const socket = new EventSocket(askOf(request, session), core);
  core.lifecycle.takeWork();
  core.reach?.found();
  gateway.accept(socket, request, 'stream');
  socket.begin();
  const { signal } = request;
  if (signal.aborted) socket.cut();
  else signal.addEventListener('abort', () => socket.cut(), { once: true });
  const refusal = await socket.answered;
  return refusal ? refusedAs(refusal) : new Response(socket.body, { headers });
}

function askOf(request: Request, session: string): EventAsk {
  const query = new URL(request.url).searchParams;
  const position = request.headers.get('last-event-id') || (query.get('pos') ?? undefined);
  const presence = query.get('presence') ?? undefined;
  if (presence !== undefined && presence !== 'here' && presence !== 'typing')
    throw bad('`presence` must be here or typing');
  const waitMs = numberIn(query, 'wait');
  if (waitMs !== undefined && waitMs > mostWaitMs)
    throw bad(`\`wait\` must be at most ${mostWaitMs} ms`);
  const r = numberIn(query, 'r') ?? 1;
  return { session, token: bearerOf(request), position, r, presence, waitMs };
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw bad(`\`${name}\` must be a number from 0 on`);
}
