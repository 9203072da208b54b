import type { IncomingMessage } from 'node:http';
import { HoldfastError } from '@holdfast/protocol';
import { warnOnce } from '../warnings.ts';

/** Body parsers leave what they made of a body here. */
type Incoming = IncomingMessage & { readonly body?: unknown };

/**
 * A Node request's body as the fetch API has it. Nothing is read before somebody asks, and whoever
 * stops reading leaves the rest where it is: Node's own conversion would destroy the socket then, and
 * with it the answer. Where a body parser has read it before, what that made of it is written out again
 * (HF-HTTP-11). Errs when the body breaks off, and with `bad_request` when somebody has read it and left
 * nothing that can be used.
 */
export function bodyOf(incoming: Incoming): ReadableStream<Uint8Array> {
  let detach: (() => void) | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        detach ??= attach(incoming, controller);
        incoming.resume();
      },
      cancel: () => {
        detach?.();
        incoming.pause();
      },
    },
    { highWaterMark: 0 },
  );
}

function attach(
  incoming: Incoming,
  controller: ReadableStreamDefaultController<Uint8Array>,
): () => void {
  const detach = () => {
    incoming.off('data', onData).off('end', onEnd).off('close', onClose);
  };
  const onData = (chunk: Uint8Array) => {
    incoming.pause();
    controller.enqueue(chunk);
  };
  const onEnd = () => {
    detach();
    controller.close();
  };
  const onClose = () => {
    detach();
    controller.error(new Error('the body broke off'));
  };
  if (incoming.readableEnded) giveAgain(incoming.body, controller);
  else if (incoming.destroyed) onClose();
  else incoming.on('data', onData).on('end', onEnd).on('close', onClose);
  return detach;
}

/** Gives what a body parser made of a body that nobody can read a second time. */
function giveAgain(body: unknown, controller: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    const bytes = bytesOf(body);
    if (bytes.byteLength > 0) controller.enqueue(bytes);
    controller.close();
  } catch (error) {
    controller.error(HoldfastError.is(error) ? error : unreadable(error));
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (typeof body === 'object' && body !== null)
    return new TextEncoder().encode(JSON.stringify(body));
  warnOnce({
    code: 'HOLDFAST_BODY',
    words:
      'a middleware reads the bodies of the chat route and leaves nothing in `request.body`: every send is refused; put the chat route in front of it',
  });
  throw new HoldfastError(
    'bad_request',
    'unable to read the request: a middleware of the server has read its body; the chat route has to come before it',
  );
}

/** The error for what a parser took: it may be deeper than can be written out, or not be JSON at all. */
const unreadable = (cause: unknown): HoldfastError =>
  new HoldfastError(
    'bad_request',
    'unable to read the request: what a middleware of the server made of its body is no JSON, or is nested too deep',
    { cause },
  );
