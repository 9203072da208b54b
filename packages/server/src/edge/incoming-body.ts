import type { IncomingMessage } from 'node:http';

const takenBody = 'a middleware has read the body; let the chat route come before it';

/**
 * A Node request's body as the fetch API has it. Nothing is read before somebody asks, and whoever
 * stops reading leaves the rest where it is: Node's own conversion would destroy the socket then, and
 * with it the answer. Errs when the body breaks off; with a `TypeError`, as a locked stream does, when
 * somebody else has read it.
 */
export function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
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
  incoming: IncomingMessage,
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
  if (incoming.readableEnded) controller.error(new TypeError(takenBody));
  else if (incoming.destroyed) onClose();
  else incoming.on('data', onData).on('end', onEnd).on('close', onClose);
  return detach;
}
