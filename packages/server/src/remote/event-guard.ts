import { remoteFault, unreadable } from './remote-fault.ts';

/** How large one event may be, in bytes: the parser keeps what has come of it. */
const maxEventBytes = 16 * 1024 * 1024;
/** Longer than a line that ends a stream; only so much of each is looked at. */
const lookAt = 16;
const lineFeed = 10;

/** Stands in front of the parser, which has no limit and does not tell of the stream's last event. */
export class EventGuard {
  #eventBytes = 0;
  #lineBytes = 0;
  /** The beginning of the line that is being read. */
  #begins = '';
  #isDone = false;
  #broke: unknown;

  /** True behind `[DONE]`. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** What the body broke with. */
  get broke(): unknown {
    return this.#broke;
  }

  /**
   * The body up to `[DONE]`. Where that breaks, what had come is still given, and then the end: a stream that fails
   * forgets what it holds. Rejects for an event that is too large.
   */
  through(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    const end = (controller: ReadableStreamDefaultController) => {
      controller.close();
      void reader.cancel().catch(() => {});
    };
    return new ReadableStream({
      pull: async (controller) => {
        const next = await reader.read().catch((error: unknown) => {
          this.#broke = error;
          return null;
        });
        if (!next?.value) return end(controller);
        controller.enqueue(next.value.subarray(0, this.#read(next.value)));
        if (this.#isDone) end(controller);
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  /** How many of the bytes belong to the stream. */
  #read(bytes: Uint8Array): number {
    for (let from = 0; ; ) {
      const end = bytes.indexOf(lineFeed, from);
      const to = end < 0 ? bytes.length : end;
      this.#count(bytes, from, to);
      if (end < 0) return bytes.length;
      this.#endLine();
      if (this.#isDone) return end + 1;
      from = end + 1;
    }
  }

  #count(bytes: Uint8Array, from: number, to: number): void {
    if (this.#begins.length < lookAt)
      this.#begins += String.fromCharCode(...bytes.subarray(from, Math.min(to, from + lookAt)));
    this.#lineBytes += to - from;
    this.#eventBytes += to - from;
    if (this.#eventBytes > maxEventBytes)
      throw remoteFault(
        `one event of its stream is larger than ${maxEventBytes / 1024 / 1024} MB`,
        'send less in one chunk, and an empty line behind each',
        unreadable,
      );
  }

  #endLine(): void {
    const isShort = this.#lineBytes < lookAt;
    if (isShort && this.#begins.trimEnd() === '') this.#eventBytes = 0;
    this.#isDone = isShort && /^data: ?\[DONE\]\r?$/.test(this.#begins);
    this.#begins = '';
    this.#lineBytes = 0;
  }
}
