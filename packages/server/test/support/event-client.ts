import { decodeServerFrame, type EntryFrame, type ServerFrame } from '@holdfast/protocol';

type FrameOf<T extends ServerFrame['t']> = Extract<ServerFrame, { t: T }>;

/** The last event of a stream that the gateway closes. */
export interface EndEvent {
  readonly t: 'end';
  readonly code: number;
  readonly why: string;
}

/** Reads a stream of events as an `EventSource` does, and keeps every frame that came, in order. */
export class EventClient {
  readonly response: Response;
  readonly frames: ServerFrame[] = [];
  /** What an `EventSource` would send when it comes back. */
  lastEventId = '';
  /** How the body ended. */
  readonly ended: Promise<EndEvent | 'ended' | 'cut'>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #state: 'reading' | 'held' | 'over' = 'reading';
  readonly #onFrame: (frame: ServerFrame) => void;
  #taken = 0;
  #wake = () => {};
  #release = () => {};

  constructor(response: Response, onFrame: (frame: ServerFrame) => void = () => {}) {
    this.response = response;
    this.#onFrame = onFrame;
    this.#reader = response.body?.getReader();
    this.ended = this.#read();
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  get entries(): EntryFrame[] {
    return this.frames.filter((frame) => frame.t === 'entry');
  }

  /** Reads nothing until it is let go on. */
  hold(): void {
    this.#state = 'held';
  }

  goOn(): void {
    this.#state = 'reading';
    this.#release();
  }

  async next<T extends ServerFrame['t']>(type: T): Promise<FrameOf<T>> {
    return (await this.until((frame) => frame.t === type)) as FrameOf<T>;
  }

  entry(kind: EntryFrame['d']['k']): Promise<EntryFrame> {
    return this.until((frame) => frame.t === 'entry' && frame.d.k === kind) as Promise<EntryFrame>;
  }

  /** The next frame of which that is true and which no earlier call has passed. */
  async until(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken++];
        if (frame && matches(frame)) return frame;
      }
      if (this.isOver) throw new Error(`the stream ended; frames: ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async leave(): Promise<void> {
    await this.#reader?.cancel();
  }

  async #read(): Promise<EndEvent | 'ended' | 'cut'> {
    const decoder = new TextDecoder();
    let text = '';
    let last: EndEvent | null = null;
    try {
      for (;;) {
        while (this.#state === 'held')
          await new Promise<void>((resolve) => {
            this.#release = resolve;
          });
        const { done, value } = (await this.#reader?.read()) ?? { done: true, value: undefined };
        if (done) return last ?? 'ended';
        text += decoder.decode(value, { stream: true });
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) last = this.#take(event);
      }
    } catch {
      return 'cut';
    } finally {
      this.#state = 'over';
      this.#wake();
    }
  }

  #take(event: string): EndEvent | null {
    const fields = event.split('\n').map((line) => line.split(/:\s?(.*)/s));
    const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
    const id = fields.find(([name]) => name === 'id');
    if (id) this.lastEventId = id[1] ?? '';
    const known = JSON.parse(data.join('\n')) as ServerFrame | EndEvent;
    if (known.t === 'end') return known;
    const frame = decodeServerFrame(data.join('\n'));
    if (!frame) throw new Error(`the server sent ${event}`);
    this.frames.push(frame);
    this.#onFrame(frame);
    this.#wake();
    return null;
  }
}
