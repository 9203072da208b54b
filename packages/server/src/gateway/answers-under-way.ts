import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The answer that is being written to each connection of an HTTP server. Node makes an upgrade of a request
 * although the one before it on that connection has no whole answer yet, and both would be written to.
 */
export class AnswersUnderWay {
  readonly #last = new WeakMap<Duplex, ServerResponse>();

  /** Answers of one connection are written in their order, so the last one is whole when all are. */
  add(answer: ServerResponse): void {
    const { socket } = answer.req;
    if (socket) this.#last.set(socket, answer);
  }

  has(socket: Duplex): boolean {
    const answer = this.#last.get(socket);
    return answer !== undefined && !answer.writableFinished && !answer.closed;
  }

  /** Calls that behind the answer, and never where the connection is gone by then. */
  behind(socket: Duplex, then: () => void): true {
    const answer = this.#last.get(socket);
    // Node has taken its listeners off: nobody would hear of a reset, or go on with an answer that waited.
    const onError = () => socket.destroy();
    const onDrain = () => answer?.emit('drain');
    socket.on('error', onError).on('drain', onDrain);
    answer?.once('close', () => {
      socket.off('error', onError).off('drain', onDrain);
      if (!socket.destroyed) then();
    });
    return true;
  }
}
