import { type Chunk, joinAdjacent } from '@holdfast/protocol';
import { abortError } from '../abort.ts';

/** What a reader wants of a message. */
export interface Interest {
  readonly messageId: string;
  /** One run; null for the whole message, whatever wrote into it. */
  readonly run: string | null;
  /** Also the answers right before the run: another tab's may have won over this one's. */
  readonly answers?: boolean;
  /** How many of the message's parts were there before the run. */
  readonly partsBefore?: number;
  /** A position before the run; the run may not have been seen yet. */
  readonly after?: string;
}

/** What was delivered, by writer. */
export type Content = readonly {
  /** Null for answers of clients. */
  readonly run: string | null;
  readonly chunks: readonly Chunk[];
}[];

type ReaderState =
  | { readonly kind: 'open' }
  /** What is queued is still delivered. */
  | { readonly kind: 'ending'; readonly error: unknown }
  | { readonly kind: 'done' };

/** From here on a slow reader's queue is merged, so that it grows with parts and not with tokens. */
const looseChunks = 256;

/**
 * One stream of chunks, read at its consumer's pace. Sockets come and go underneath; the stream ends
 * when what it shows has ended.
 */
export class Reader {
  readonly interest: Interest;
  readonly stream: ReadableStream<Chunk>;
  /**
   * What was delivered when the log turned out to hold less of it: nothing is delivered until the
   * log has caught up. Null while both are in step.
   */
  ahead: Content | null = null;
  readonly #queue: Chunk[] = [];
  readonly #released: () => void;
  #state: ReaderState = { kind: 'open' };
  #wake: (() => void) | undefined;
  #isRead = false;

  /** `released` is called once, when the reader needs nothing more. */
  constructor(interest: Interest, released: (reader: Reader) => void) {
    this.interest = interest;
    this.#released = () => released(this);
    this.stream = new ReadableStream<Chunk>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#finish(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Whether its consumer has begun to read: until then nobody can have meant to stop it. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** False once its end is known. */
  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  push(chunks: readonly Chunk[]): void {
    if (this.#state.kind !== 'open') return;
    for (const chunk of chunks) {
      const last = this.#queue.length > looseChunks ? this.#queue.at(-1) : undefined;
      const joined = last && joinAdjacent(last, chunk);
      if (joined) this.#queue[this.#queue.length - 1] = joined;
      else this.#queue.push(chunk);
    }
    this.#wake?.();
  }

  /** Ends the stream behind what is queued; with an error when one is given. */
  end(error?: unknown): void {
    if (this.#state.kind !== 'open') return;
    this.#state = { kind: 'ending', error };
    this.#released();
    this.#wake?.();
  }

  /** Ends the stream at once, as stopped. */
  abort(): void {
    if (this.#state.kind === 'done') return;
    this.#queue.length = 0;
    if (this.#state.kind === 'open') this.end(abortError());
    else this.#state = { kind: 'ending', error: abortError() };
  }

  #finish(): void {
    const wasOpen = this.#state.kind === 'open';
    this.#state = { kind: 'done' };
    this.#queue.length = 0;
    if (wasOpen) this.#released();
    this.#wake?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Chunk>): Promise<void> {
    this.#isRead = true;
    while (this.#queue.length === 0 && this.#state.kind === 'open')
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const chunk = this.#queue.shift();
    if (chunk) {
      controller.enqueue(chunk);
      return;
    }
    if (this.#state.kind !== 'ending') return;
    const { error } = this.#state;
    this.#state = { kind: 'done' };
    if (error === undefined) controller.close();
    else controller.error(error);
  }
}
