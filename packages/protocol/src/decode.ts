import type { ClientFrame, ServerFrame } from './frames.ts';
import { isRecord, parseJson } from './json.ts';
import { defaultLimits } from './limits.ts';
import { isEntryId, isSessionId } from './position.ts';

/**
 * The outcome of decoding: a frame; `unknown`, a well-formed frame of a type that this version does
 * not have; or `bad`, with a reason in words that never repeat the input.
 */
export type Decoded<Frame> =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'bad'; readonly reason: string };

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const record: Check = isRecord;
const records: Check = (value) => Array.isArray(value) && value.every(isRecord);
const request: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const name: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 256;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const clientShapes: { readonly [T in ClientFrame['t']]: Shape } = {
  hello: { v: number, token: optional(text), client: optional(name) },
  auth: { r: request, token: text },
  sub: { r: request, s: isSessionId, pos: optional(text) },
  unsub: { s: isSessionId },
  ack: { s: isSessionId, i: isEntryId },
  cancel: { r: request, s: isSessionId, run: optional(name), command: optional(name) },
  ping: {},
  pong: {},
};

const serverShapes: { readonly [T in ServerFrame['t']]: Shape } = {
  welcome: { v: number, conn: text, heartbeatMs: number },
  subbed: { r: request, s: text, epoch: text, top: isEntryId, mode: text, recovered: flag },
  reset: { s: text, why: text },
  snap: {
    s: text,
    epoch: text,
    through: isEntryId,
    items: records,
    runs: optional(records),
    more: flag,
  },
  entry: { s: text, p: isEntryId, i: isEntryId, d: record },
  live: { s: text, i: isEntryId },
  closed: { s: text, why: text },
  res: { r: request, ok: optional(record), err: optional(record) },
  reauth: { inMs: number },
  drain: { spreadMs: number },
  ping: {},
  pong: {},
};

function decode<Frame>(
  input: unknown,
  shapes: Readonly<Record<string, Shape>>,
  maxDepth: number,
): Decoded<Frame> {
  if (typeof input !== 'string') return { kind: 'bad', reason: 'frames are text' };
  const parsed = parseJson(input, maxDepth);
  if (!parsed.ok)
    return {
      kind: 'bad',
      reason: parsed.fault === 'too-deep' ? 'frame is nested too deep' : 'frame is not JSON',
    };
  const value = parsed.value;
  if (!isRecord(value) || typeof value.t !== 'string')
    return { kind: 'bad', reason: 'frame has no type' };
  const type = value.t;
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (!shape) return { kind: 'unknown', type };
  // Only known members go on, so that nothing can ride along on an unknown one.
  const frame: Record<string, unknown> = { t: type };
  for (const member in shape) {
    if (!shape[member]?.(value[member]))
      return { kind: 'bad', reason: `${type}: member ${member} has the wrong form` };
    if (value[member] !== undefined) frame[member] = value[member];
  }
  return { kind: 'frame', frame: frame as Frame };
}

/** Decodes what a client sent. Total: any input gives one of the three outcomes, none throws. */
export function decodeClientFrame(
  input: unknown,
  maxDepth: number = defaultLimits.jsonDepth,
): Decoded<ClientFrame> {
  const decoded = decode<ClientFrame>(input, clientShapes, maxDepth);
  if (decoded.kind === 'frame' && decoded.frame.t === 'cancel') {
    const { run, command } = decoded.frame;
    if ((run === undefined) === (command === undefined))
      return { kind: 'bad', reason: 'cancel: name either run or command' };
  }
  return decoded;
}

/** A tool's output may be nested as deep as its author likes; the server is trusted this far. */
const serverDepth = 1_000;

/** Decodes what a server sent. Total, like {@link decodeClientFrame}. */
export function decodeServerFrame(input: unknown): Decoded<ServerFrame> {
  return decode<ServerFrame>(input, serverShapes, serverDepth);
}

/** Encodes a frame of either side. */
export const encodeFrame = (frame: ClientFrame | ServerFrame): string => JSON.stringify(frame);
