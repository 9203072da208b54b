/** Events that a reader takes together, in bytes: each costs it a turn. */
const chunkBytes = 65_536;

interface Waiting {
  readonly bytes: Uint8Array;
  /** The position behind it; null where it says nothing. */
  readonly mark: string | null;
}

/** The part of a body that its reader has taken since it was last told of. */
export interface Taken {
  readonly bytes: number;
  /** The last position in it. */
  readonly mark: string | null;
}

export interface EventBodyListener {
  /** The reader asks for more: what it was given is taken. May push. */
  readonly onTaken: (taken: Taken) => void;
  /** The body is over, or its reader has gone; called once. */
  readonly onGone: () => void;
}

type State =
  | 'open'
  /** It ends behind what waits. */
  | 'ending'
  | 'gone';

/**
 * The body of a response that is written as soon as there is something, and read as fast as its reader likes. Tells
 * what has been taken, and counts what has not.
 */
export class EventBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #listener: EventBodyListener;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #state: State = 'open';
  #queue: Waiting[] = [];
  #waiting = 0;
  /** What the reader was given last; it counts as taken when more is asked for. */
  #given: Taken = nothing;
  #isWanted = false;

  constructor(listener: EventBodyListener) {
    this.#listener = listener;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#leave(),
      },
      // Nothing is asked for before it is read.
      { highWaterMark: 0 },
    );
  }

  /** Bytes that the reader has not taken. */
  get waiting(): number {
    return this.#waiting;
  }

  push(bytes: Uint8Array, mark: string | null): void {
    if (this.#state === 'gone') return;
    this.#queue.push({ bytes, mark });
    this.#waiting += bytes.length;
    this.#give();
  }

  /** Drops what the reader has not taken. */
  drop(): void {
    this.#queue = [];
    this.#waiting = 0;
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#give();
  }

  /** Breaks it off, so that nobody takes it for whole. */
  cut(): void {
    if (this.#state === 'gone') return;
    this.#controller?.error(new Error('the stream of events was cut'));
    this.#leave();
  }

  #pull(): void {
    this.#isWanted = true;
    const taken = this.#given;
    this.#given = nothing;
    this.#listener.onTaken(taken);
    this.#give();
  }

  #give(): void {
    if (!this.#isWanted || this.#state === 'gone') return;
    if (this.#queue.length > 0) {
      this.#isWanted = false;
      this.#controller?.enqueue(this.#take());
    } else if (this.#state === 'ending') {
      this.#controller?.close();
      this.#leave();
    }
  }

  #take(): Uint8Array {
    let bytes = 0;
    let count = 0;
    let mark: string | null = null;
    for (const each of this.#queue) {
      if (count > 0 && bytes + each.bytes.length > chunkBytes) break;
      bytes += each.bytes.length;
      mark = each.mark ?? mark;
      count++;
    }
    const taken = this.#queue.splice(0, count);
    this.#waiting -= bytes;
    this.#given = { bytes, mark };
    const [first] = taken;
    if (first && count === 1) return first.bytes;
    return Buffer.concat(taken.map((each) => each.bytes));
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.drop();
    this.#listener.onGone();
  }
}

const nothing: Taken = { bytes: 0, mark: null };
