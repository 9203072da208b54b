import type { GatewaySocket } from '../../src/index.ts';

/** A socket without a network, as another host might hand one over. */
export interface FakeSocket extends GatewaySocket {
  readonly frames: readonly { readonly t: string }[];
  /** The code that it was closed with; null while it is open. */
  readonly code: number | null;
  /** The peer sends. */
  say(frame: object | string | null): void;
  /** The connection is gone. */
  vanish(): void;
}

export function fakeSocket(): FakeSocket {
  const frames: { t: string }[] = [];
  let code: number | null = null;
  let onMessage = (_: string | null) => {};
  let onClose = () => {};
  return {
    frames,
    get code() {
      return code;
    },
    protocol: 'holdfast.v1',
    bufferedAmount: 0,
    send: (given) => {
      const texts = typeof given === 'string' || ArrayBuffer.isView(given) ? [given] : given;
      for (const text of texts as readonly (string | Uint8Array)[])
        frames.push(JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString()));
    },
    close: (given) => {
      code = given;
    },
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
    say: (frame) =>
      onMessage(typeof frame === 'object' && frame !== null ? JSON.stringify(frame) : frame),
    vanish: () => onClose(),
  };
}
