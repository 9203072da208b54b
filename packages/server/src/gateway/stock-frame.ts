import { isName, isRecord, isSessionId, parseJson } from '@holdfast/protocol';

type Json = Readonly<Record<string, unknown>>;

/** A frame of the AI SDK's `WebSocketChatTransport`; what a send holds is checked where sends are. */
export type StockFrame =
  | { readonly type: 'send'; readonly requestId: string; readonly content: Json }
  | {
      readonly type: 'resume';
      readonly requestId: string;
      readonly session: string;
      readonly content: Json;
    }
  | { readonly type: 'abort'; readonly requestId: string };

/** One that is answered. */
export type StockAsking = Exclude<StockFrame, { readonly type: 'abort' }>;

export type StockDecoded =
  | { readonly kind: 'frame'; readonly frame: StockFrame }
  /** One of our own protocol. */
  | { readonly kind: 'own' }
  | { readonly kind: 'bad' };

const bad: StockDecoded = { kind: 'bad' };

/** Total: whatever a stranger sends gives a value. Null is a binary frame. */
export function decodeStockFrame(text: string | null, jsonDepth: number): StockDecoded {
  const parsed = text === null ? null : parseJson(text, jsonDepth);
  if (!parsed?.ok || !isRecord(parsed.value)) return bad;
  const { value } = parsed;
  const { type, requestId, id } = value;
  if (type === undefined && typeof value.t === 'string') return { kind: 'own' };
  if (!isName(requestId)) return bad;
  if (type === 'abort') return { kind: 'frame', frame: { type, requestId } };
  if (type === 'send') return { kind: 'frame', frame: { type, requestId, content: value } };
  if (type !== 'resume' || !isSessionId(id)) return bad;
  return { kind: 'frame', frame: { type, requestId, session: id, content: value } };
}

/** What to tell a socket of ours that sends what only a stock client would; at most 123 bytes, for a close. */
export const wordsForStock = (text: string | null, jsonDepth: number): string | undefined =>
  decodeStockFrame(text, jsonDepth).kind === 'frame'
    ? 'unable to read: this is a frame of WebSocketChatTransport; give that no `protocols`'
    : undefined;

/** A frame for a stock client that holds no chunk. */
export const stockFrame = (
  type: 'start' | 'end' | 'no-active' | 'error',
  requestId: string,
  errorText?: string,
): string => JSON.stringify({ type, requestId, errorText });

/** A chunk's frame; `chunk` is JSON already, and is not parsed again. */
export const stockChunk = (requestId: string, sequence: number, chunk: string): string =>
  `{"type":"chunk","requestId":${JSON.stringify(requestId)},"sequence":${sequence},"chunk":${chunk}}`;
