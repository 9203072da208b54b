import type { ServerFrame } from '@holdfast/protocol';

/** A server frame as an event of a stream (`text/event-stream`). */
export interface EventText {
  readonly type: ServerFrame['t'];
  readonly bytes: Uint8Array;
  /** The position that a reader of it has; empty where it has none any more, and null where it says nothing. */
  readonly position: string | null;
  /** The epoch of what comes behind it. */
  readonly epoch: string;
}

/** The frames that can be large say first what they are: `FrameRing.encode`, `snapshotFrames`. */
const entryHead = /^\{"t":"entry","s":"[\w-]+","p":"[\d-]+","i":"([\d-]+)"/;
const snapHead = /^\{"t":"snap","s":"[\w-]+","epoch":"([\w-]*)","through":"([\d-]+)"/;
const presenceHead = '{"t":"presence"';
/** More than the longest head. */
const headBytes = 384;
const lastPart = '"more":false}';

const newline = 10;
const carriageReturn = 13;
const space = 32;

/** Events that several readers of a session get, by their frames. */
const shared = new WeakMap<Uint8Array, EventText>();

/**
 * The event of a frame, for a reader that is in an epoch. Frames that can be large are not parsed, and an entry is
 * made an event once for all readers that get the same array.
 */
export function eventOf(frame: string | Uint8Array, epoch: string): EventText {
  const bytes =
    typeof frame === 'string'
      ? Buffer.from(frame)
      : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (typeof frame === 'string') return made(bytes, epoch);
  const known = shared.get(frame);
  if (known?.epoch === epoch) return known;
  const event = made(bytes, epoch);
  shared.set(frame, event);
  return event;
}

function made(frame: Buffer, epoch: string): EventText {
  const told = read(frame, epoch);
  const head = told.position === null ? 'data: ' : `id: ${told.position}\ndata: `;
  const bytes = Buffer.allocUnsafe(head.length + frame.length + 2);
  bytes.write(head, 'latin1');
  bytes.set(frame, head.length);
  // A body comes as its writer wrote it; between the words of JSON a space is as good, and no end of the event.
  const isOneLine = !frame.includes(newline) && !frame.includes(carriageReturn);
  if (!isOneLine) withoutLines(bytes.subarray(head.length));
  bytes.fill(newline, head.length + frame.length);
  return { ...told, bytes };
}

function read(frame: Buffer, epoch: string): Omit<EventText, 'bytes'> {
  const head = frame.toString('latin1', 0, headBytes);
  const entry = entryHead.exec(head);
  if (entry) return { type: 'entry', position: `${epoch}:${entry[1]}`, epoch };
  const snap = snapHead.exec(head);
  if (snap) {
    const [, of = '', through] = snap;
    const isLast = frame.toString('latin1', frame.length - lastPart.length) === lastPart;
    return { type: 'snap', position: isLast ? `${of}:${through}` : null, epoch: of };
  }
  if (head.startsWith(presenceHead)) return { type: 'presence', position: null, epoch };
  const small = JSON.parse(frame.toString()) as ServerFrame;
  if (small.t === 'subbed') return { type: small.t, position: null, epoch: small.epoch };
  if (small.t === 'live') return { type: small.t, position: `${epoch}:${small.i}`, epoch };
  // Whoever drops what it knows has no position until the snapshot is whole.
  return { type: small.t, position: small.t === 'reset' ? '' : null, epoch };
}

function withoutLines(bytes: Buffer): void {
  for (const [at, byte] of bytes.entries())
    if (byte === newline || byte === carriageReturn) bytes[at] = space;
}
