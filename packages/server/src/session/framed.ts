const finalText = 0x81;

const frame: unique symbol = Symbol('frame');

/** A text, with its frame once that was made. */
type Text = Uint8Array & { [frame]?: Buffer };

/** An empty frame for so many bytes, with its head written; and where they begin. */
function frameFor(length: number): { readonly whole: Buffer; readonly head: number } {
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const whole = Buffer.allocUnsafe(head + length);
  whole[0] = finalText;
  if (head === 2) whole[1] = length;
  else if (head === 4) {
    whole[1] = 126;
    whole.writeUInt16BE(length, 2);
  } else {
    whole[1] = 127;
    whole.writeBigUInt64BE(BigInt(length), 2);
  }
  return { whole, head };
}

/** The text in UTF-8, as a part of its frame: `framed` has nothing to copy then. */
export function encodeFramed(text: string): Buffer {
  const { whole, head } = frameFor(Buffer.byteLength(text));
  whole.write(text, head);
  const bytes: Buffer & Text = whole.subarray(head);
  bytes[frame] = whole;
  return bytes;
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
