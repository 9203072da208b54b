import type { Limits } from '@holdfast/protocol';

/** Handles frames, each behind the one before. */
export interface FrameHandler<FRAME> {
  handle(frame: FRAME): Promise<void>;
  onFault(error: unknown): void;
}

type QueueLimits = Pick<Limits, 'framesBurst' | 'frameBytes'>;

/** Frames of a socket, which are handled one after another in their order (HF-CONN-5). */
export class FrameQueue<FRAME> {
  readonly #limits: QueueLimits;
  readonly #handler: FrameHandler<FRAME>;
  /** Null while none waits or is handled: most sockets say nothing most of the time. */
  #last: Promise<void> | null = null;
  #count = 0;
  /** Of the frames that wait. */
  #bytes = 0;

  constructor(limits: QueueLimits, handler: FrameHandler<FRAME>) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** True while none waits or is handled. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Frames wait while one before them is handled, together no more than one frame may have (HF-CONN-7). */
  isFullFor(bytes: number): boolean {
    const { framesBurst, frameBytes } = this.#limits;
    return this.#count > framesBurst || (this.#count > 0 && this.#bytes + bytes > frameBytes);
  }

  push(frame: FRAME, bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    this.#last = (this.#last ?? Promise.resolve())
      .then(() => {
        this.#bytes -= bytes;
        return this.#handler.handle(frame);
      })
      .catch((error: unknown) => this.#handler.onFault(error))
      .finally(() => {
        if (--this.#count === 0) this.#last = null;
      });
  }
}
