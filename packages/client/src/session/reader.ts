import type { Chunk } from '@holdfast/protocol';
import { abortError } from '../abort.ts';

/** The part of a message that a reader wants. */
export interface Interest {
  readonly messageId: string;
  /** Id of a run; null for the whole message, whatever wrote into it. */
  readonly run: string | null;
  /** Also the answers right before the run: another tab's may have won over this one's. */
  readonly answers?: boolean;
  /** A position before the run; the run may not have been seen yet. */
  readonly after?: string | undefined;
}

/** The delivered chunks, folded. */
export type Content = readonly Chunk[];

/** While `ending`, what is queued is still delivered. */
type ReaderState = 'open' | 'ending' | 'done';

/**
 * A stream of chunks, read at its consumer's pace. Sockets come and go underneath; the stream ends
 * when what it shows has ended.
 */
export interface Reader extends Interest {
  readonly stream: ReadableStream<Chunk>;
  /**
   * The chunks that were delivered when the log turned out to hold fewer: nothing is delivered until the
   * log has caught up. Null while both are in step.
   */
  ahead: Content | null;
  /** True when its consumer has begun to read: until then nobody can have meant to stop it. */
  isRead: boolean;
  /** True when its consumer was given something. */
  isShown: boolean;
  /** False once its end is known. */
  readonly isOpen: boolean;
  /** True when its consumer has everything, and the end. */
  readonly isDone: boolean;
  /** Chunks, or what they are to be: until that is known nothing behind them is delivered. */
  push(chunks: readonly Chunk[] | Promise<readonly Chunk[]>): void;
  /** Ends the stream behind what is queued; with an error when one is given. */
  end(error?: unknown): void;
  /** Ends the stream at once, as stopped. */
  abort(): void;
}

/** `changed` is called when the reader needs nothing more, and when its consumer does not. */
export function createReader(interest: Interest, changed: (reader: Reader) => void): Reader {
  /** What was given up is another list, and nothing that is still waited for comes into this one. */
  let queue: (Chunk | Promise<readonly Chunk[]>)[] = [];
  let state: ReaderState = 'open';
  /** How it ends. */
  let error: unknown;
  let wake = (): void => {};

  function giveUp(next: ReaderState, how?: unknown): void {
    queue = [];
    leave(next, how);
  }

  function leave(next: ReaderState, how?: unknown): void {
    state = next;
    error = how;
    changed(reader);
    wake();
  }

  /** Puts what was waited for in its place, or ends with the reason why there is none. */
  async function known(first: Promise<readonly Chunk[]>): Promise<void> {
    const waiting = queue;
    try {
      waiting.splice(0, 1, ...(await first));
    } catch (cause) {
      if (waiting === queue) giveUp('ending', cause);
    }
  }

  const reader: Reader = {
    ...interest,
    ahead: null,
    isRead: false,
    isShown: false,
    get isOpen() {
      return state === 'open';
    },
    get isDone() {
      return state === 'done';
    },
    push: (chunks) => {
      if (!reader.isOpen) return;
      if (chunks instanceof Promise) {
        // Nobody may ever come to read it.
        chunks.catch(() => {});
        queue.push(chunks);
      } else for (const chunk of chunks) queue.push(chunk);
      wake();
    },
    end: (how) => {
      if (reader.isOpen) leave('ending', how);
    },
    abort: () => {
      if (state !== 'done') giveUp('ending', abortError());
    },
    stream: new ReadableStream<Chunk>(
      {
        pull: async (controller) => {
          reader.isRead = true;
          for (;;) {
            const [first] = queue;
            if (first instanceof Promise) await known(first);
            else if (first || !reader.isOpen) break;
            else
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
          }
          const chunk = queue.shift() as Chunk | undefined;
          // A copy, because the SDK keeps data parts and writes into them.
          if (chunk) {
            reader.isShown = true;
            controller.enqueue({ ...chunk });
          } else if (state === 'ending') {
            if (error === undefined) controller.close();
            else controller.error(error);
            leave('done');
          }
        },
        cancel: () => giveUp('done'),
      },
      { highWaterMark: 0 },
    ),
  };
  return reader;
}
