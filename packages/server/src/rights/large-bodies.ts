import { HoldfastError } from '@holdfast/protocol';

/** How many bodies that are large one participant may be sending at once: a second one is on its way while one is answered. */
const mostOfOne = 2;
/** Bytes of all of them that a process holds at once: 256 MiB. */
const mostBytes = 268_435_456;

/** What is held of one body. */
export interface HeldBody {
  /** Counts what has come of it. Throws `rate` where the process holds too much. */
  take(bytes: number): void;
  release(): void;
}

const busy = (): HoldfastError =>
  new HoldfastError(
    'rate',
    'unable to send: too many large messages are being sent at once; try again in a moment',
    { retryMs: 1_000 },
  );

/** Bounds what requests over `requestBytes` take of the memory of a process (HF-HTTP-7). */
export class LargeBodies {
  readonly #of = new Map<string, number>();
  #bytes = 0;

  /** Begins a body of a participant. Throws `rate` beside two others of theirs. */
  hold(participant: string): HeldBody {
    const before = this.#of.get(participant) ?? 0;
    if (before >= mostOfOne) throw busy();
    this.#of.set(participant, before + 1);
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > mostBytes) throw busy();
        this.#bytes += bytes;
        held += bytes;
      },
      release: () => {
        this.#bytes -= held;
        const left = (this.#of.get(participant) ?? 0) - 1;
        if (left > 0) this.#of.set(participant, left);
        else this.#of.delete(participant);
      },
    };
  }
}
