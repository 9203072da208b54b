import type { Core } from '../core.ts';
import type { HeldBody } from '../rights/large-bodies.ts';

/**
 * The frame that is coming from a participant and is not whole yet. It is in memory as far as it has come, so it is held
 * to what bounds large bodies over HTTP (HF-HTTP-7).
 */
export class ComingFrame {
  readonly #core: Pick<Core, 'largeBodies' | 'limits'>;
  readonly #participant: string;
  #bytes = 0;
  #held: HeldBody | null = null;

  constructor(core: Pick<Core, 'largeBodies' | 'limits'>, participant: string) {
    this.#core = core;
    this.#participant = participant;
  }

  /** Counts what has come of it. Throws `rate` where that is too much. */
  came(bytes: number): void {
    const { largeBodies, limits } = this.#core;
    const isFirst = this.#bytes <= limits.requestBytes;
    this.#bytes += bytes;
    if (this.#bytes <= limits.requestBytes) return;
    this.#held ??= largeBodies.hold(this.#participant);
    this.#held.take(isFirst ? this.#bytes : bytes);
  }

  /** It is whole, and whoever reads it counts it from now on; or the rest never comes. */
  over(): void {
    this.#held?.release();
    this.#held = null;
    this.#bytes = 0;
  }
}
