const finalText = 0x81;

const frame: unique symbol = Symbol('frame');

/** A text, with its frame once that was made. */
type Text = Uint8Array & { [frame]?: Buffer };

/** Bytes in front of a text of so many. */
export function headLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes the head of a frame for so many bytes of text. */
export function writeHead(bytes: Buffer, at: number, length: number): void {
  bytes[at] = finalText;
  if (length < 126) bytes[at + 1] = length;
  else if (length < 65_536) {
    bytes[at + 1] = 126;
    bytes.writeUInt16BE(length, at + 2);
  } else {
    bytes[at + 1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), at + 2);
  }
}

/** An empty frame for so many bytes, with its head written; and where they begin. */
function frameFor(length: number): { readonly whole: Buffer; readonly head: number } {
  const head = headLength(length);
  const whole = Buffer.allocUnsafe(head + length);
  writeHead(whole, 0, length);
  return { whole, head };
}

/** The text of a frame that stands in `bytes` from `at` to `end`: `framed` has nothing to copy then. */
export function textOfFrame(bytes: Buffer, at: number, head: number, end: number): Buffer {
  const text: Buffer & Text = bytes.subarray(at + head, end);
  text[frame] = bytes.subarray(at, end);
  return text;
}

/**
 * A text as a WebSocket frame of a server (RFC 6455, section 5.2), made once for all sockets that get
 * the same array: what a broadcast costs is one write for each of them.
 */
export function framed(text: Text): Buffer {
  const known = text[frame];
  if (known) return known;
  const { whole, head } = frameFor(text.length);
  whole.set(text, head);
  text[frame] = whole;
  return whole;
}
