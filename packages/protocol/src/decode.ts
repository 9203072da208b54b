import type { ClientFrame, ServerFrame } from './frames.ts';
import { isRecord, parseJson } from './json.ts';
import { defaultLimits } from './limits.ts';
import { isName } from './names.ts';
import { isEntryId, isSessionId } from './position.ts';

/** The outcome of decoding. */
export type Decoded<Frame> =
  /** A frame of this version, with the members that it knows. */
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** A well-formed frame of a type that this version does not have. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** Anything else, with a reason in words that never repeat the input. */
  | { readonly kind: 'bad'; readonly reason: string };

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const request: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const presenceState: Check = (value) => value === 'here' || value === 'typing' || value === 'away';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const clientShapes: { readonly [T in ClientFrame['t']]: Shape } = {
  hello: { v: number, token: optional(text), client: optional(isName) },
  auth: { r: request, token: text },
  sub: { r: request, s: isSessionId, pos: optional(text) },
  unsub: { s: isSessionId },
  ack: { s: isSessionId, i: isEntryId },
  cancel: { r: request, s: isSessionId, run: optional(isName), command: optional(isName) },
  presence: { s: isSessionId, state: presenceState },
  ping: {},
  pong: {},
};

const bad = (reason: string): { readonly kind: 'bad'; readonly reason: string } => ({
  kind: 'bad',
  reason,
});

/** An acknowledgement as clients write it: several a second of each, so it need not be parsed. */
const ackPattern = /^\{"t":"ack","s":"([^"\\]*)","i":"([^"\\]*)"\}$/;

/** Null for all else: that is parsed. */
function ackOf(input: string): ClientFrame | null {
  const [, s, i] = ackPattern.exec(input) ?? [];
  return isSessionId(s) && isEntryId(i) ? { t: 'ack', s, i } : null;
}

/** Decodes what a client sent. Total: any input gives one of the three outcomes, none throws. */
export function decodeClientFrame(
  input: unknown,
  maxDepth: number = defaultLimits.jsonDepth,
): Decoded<ClientFrame> {
  if (typeof input !== 'string') return bad('frames are text');
  const ack = ackOf(input);
  if (ack) return { kind: 'frame', frame: ack };
  const parsed = parseJson(input, maxDepth);
  if (!parsed.ok)
    return bad(parsed.fault === 'too-deep' ? 'frame is nested too deep' : 'frame is not JSON');
  const { value } = parsed;
  if (!isRecord(value) || typeof value.t !== 'string') return bad('frame has no type');
  const type = value.t;
  if (!Object.hasOwn(clientShapes, type)) return { kind: 'unknown', type };
  const shape: Shape = clientShapes[type as ClientFrame['t']];
  // Only known members go on, so that nothing can ride along on an unknown one.
  const frame: Record<string, unknown> = { t: type };
  for (const member in shape) {
    if (!shape[member]?.(value[member])) return bad(`${type}: member ${member} has the wrong form`);
    if (value[member] !== undefined) frame[member] = value[member];
  }
  if (type === 'cancel' && (frame.run === undefined) === (frame.command === undefined))
    return bad('cancel: name either run or command');
  return { kind: 'frame', frame: frame as unknown as ClientFrame };
}

/** The value of a JSON text; null for any other input. */
export function jsonIn(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    return null;
  }
}

/**
 * Decodes what a server sent, which is trusted to have the members of its type; null for what is no frame. A frame of a
 * type that is not known here comes through as it is: whoever looks for types passes over it (HF-VER-3).
 */
export function decodeServerFrame(input: unknown): ServerFrame | null {
  const frame = jsonIn(input) as ServerFrame | null;
  return typeof frame?.t === 'string' ? frame : null;
}

/** The text of a frame. It is not checked. */
export const encodeFrame = (frame: ClientFrame | ServerFrame): string => JSON.stringify(frame);
