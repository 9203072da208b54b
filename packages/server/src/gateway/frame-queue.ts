import type { Limits } from '@holdfast/protocol';

export interface FrameQueueOptions<FRAME> {
  readonly limits: Pick<Limits, 'framesBurst' | 'frameBytes'>;
  handle(frame: FRAME): Promise<void>;
  onFault(error: unknown): void;
}

/** Frames of a socket, which are handled one after another in their order (HF-CONN-5). */
export class FrameQueue<FRAME> {
  readonly #options: FrameQueueOptions<FRAME>;
  #last: Promise<void> = Promise.resolve();
  #count = 0;
  /** Of the frames that wait. */
  #bytes = 0;

  constructor(options: FrameQueueOptions<FRAME>) {
    this.#options = options;
  }

  /** True while none waits or is handled. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Frames wait while one before them is handled, together no more than one frame may have (HF-CONN-7). */
  isFullFor(bytes: number): boolean {
    const { framesBurst, frameBytes } = this.#options.limits;
    return this.#count > framesBurst || (this.#count > 0 && this.#bytes + bytes > frameBytes);
  }

  push(frame: FRAME, bytes: number): void {
    const { handle, onFault } = this.#options;
    this.#count++;
    this.#bytes += bytes;
    this.#last = this.#last
      .then(() => {
        this.#bytes -= bytes;
        return handle(frame);
      })
      .catch(onFault)
      .finally(() => {
        this.#count--;
      });
  }
}
