import { HoldfastError, isRecord } from '@holdfast/protocol';
import { peerOf, withPeer } from '../edge/peer.ts';
import type { StockAsking } from './stock-frame.ts';

/** A request of the chat route, and its path behind the route. */
export interface StockRequest {
  readonly request: Request;
  readonly path: readonly string[];
}

/** By it a client says that its abort frames stop nothing: it sends one when it unmounts, too. */
const abortHeader = 'holdfast-on-abort';

/**
 * The headers that a frame may bring. Any other could be one that a proxy is trusted to set or to take away, and
 * a frame passes all proxies.
 */
const ofFrames: ReadonlySet<string> = new Set([
  'authorization',
  abortHeader,
  'holdfast-on-disconnect',
]);

/** True when an abort frame stops the request's run, which is the default. Throws `bad_request`. */
export function stopsOnAbort({ headers }: Request): boolean {
  const wish = headers.get(abortHeader) ?? 'stop';
  if (wish !== 'stop' && wish !== 'continue')
    throw new HoldfastError(
      'bad_request',
      `unable to read: the header \`${abortHeader}\` must be stop or continue`,
    );
  return wish === 'stop';
}

/** Headers of the upgrade that say nothing of a request in it. */
const ofUpgrade = /^(?:connection|upgrade|content-.*|transfer-encoding|sec-websocket-.*)$/;

/** The request that a stock client without a socket would have made: the upgrade's, with what the frame says. */
export function stockRequest(upgrade: Request, frame: StockAsking): StockRequest {
  const path = frame.type === 'send' ? [] : [frame.session, 'stream'];
  const headers = headersOf(upgrade, frame.content.headers);
  const url = new URL(upgrade.url);
  url.pathname = [url.pathname.replace(/\/+$/, ''), ...path].join('/');
  // A socket has an address of its own: which route would give the files is not to be told from it.
  headers.set('holdfast-files', 'data');
  const init: RequestInit = { headers };
  if (frame.type === 'send') {
    const { body, id, messages, trigger, messageId } = frame.content;
    headers.set('content-type', 'application/json');
    init.method = 'POST';
    // The application's members never stand for those of the SDK.
    init.body = JSON.stringify({
      ...(isRecord(body) ? body : {}),
      id,
      messages,
      trigger,
      messageId,
    });
  }
  const request = new Request(url, init);
  const peer = peerOf(upgrade);
  return { request: peer === undefined ? request : withPeer(request, peer), path };
}

/** What the upgrade had stands: a frame adds to it only. A value that no header can have is left out. */
function headersOf(upgrade: Request, given: unknown): Headers {
  const headers = new Headers();
  for (const [name, value] of upgrade.headers) if (!ofUpgrade.test(name)) headers.set(name, value);
  for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
    const known = name.toLowerCase();
    if (!ofFrames.has(known) || upgrade.headers.has(known) || typeof value !== 'string') continue;
    if (/^[\t\x20-\x7e]*$/.test(value)) headers.set(known, value);
  }
  return headers;
}
