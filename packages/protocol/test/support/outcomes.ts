import { type Decoded, decodeServerFrame } from '../../src/decode.ts';
import type { ServerFrame } from '../../src/frames.ts';

/** What becomes of the text of a server, in the form in which that of a client is told. */
export function outcomeOfServer(input: unknown): Decoded<ServerFrame> {
  const frame = decodeServerFrame(input);
  return frame ? { kind: 'frame', frame } : { kind: 'bad', reason: 'not a frame' };
}
