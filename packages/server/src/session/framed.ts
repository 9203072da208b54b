const finalText = 0x81;

const frames = new WeakMap<Uint8Array, Buffer>();

/**
 * A text as a WebSocket frame of a server (RFC 6455, section 5.2), made once for all sockets that get
 * the same array: what a broadcast costs is one write for each of them.
 */
export function framed(text: Uint8Array): Buffer {
  const known = frames.get(text);
  if (known) return known;
  const { length } = text;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = finalText;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(text, head);
  frames.set(text, frame);
  return frame;
}
