import type { IncomingMessage } from 'node:http';

/** How much of a body that nobody wants is read, and for how long, so that its sender sees the answer. */
export const drainBytes: number = 4 * 1_048_576;
const drainMs = 2_000;

/** True when the whole of the request has come. */
export const isWhole = (incoming: IncomingMessage): boolean =>
  incoming.complete || incoming.readableEnded || incoming.destroyed;

/**
 * Reads the rest of a body and throws it away. Resolves with `whole` when the connection can serve the
 * next request, with `over` when the body is longer, or slower, than what is read of it.
 */
export function drain(incoming: IncomingMessage): Promise<'whole' | 'over'> {
  if (isWhole(incoming)) {
    // The bytes that have come are let go, or Node would hold back the next request.
    incoming.resume();
    return Promise.resolve('whole');
  }
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = (outcome: 'whole' | 'over') => {
      clearTimeout(timer);
      incoming.off('data', onData).off('end', onEnd).off('close', onClose);
      if (outcome === 'over') incoming.pause();
      resolve(outcome);
    };
    const onData = (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes > drainBytes) settle('over');
    };
    const onEnd = () => settle('whole');
    const onClose = () => settle(incoming.complete ? 'whole' : 'over');
    // A timer of its own: what answers a request of Node's has no environment yet.
    const timer = setTimeout(() => settle('over'), drainMs);
    incoming.on('data', onData).on('end', onEnd).on('close', onClose);
    incoming.resume();
  });
}
