import { inCleanContext } from '../clean-context.ts';
import type { Cancel, Environment } from '../environment.ts';

interface Beat {
  readonly everyMs: number;
  readonly renewals: Set<() => void>;
  readonly stop: Cancel;
}

/** Renewals of one turn: what is appended meanwhile waits for them. */
const most = 32;

/**
 * Has the leases of this process's runs renewed so many in one turn, so that a log can renew them together. Keeps
 * the process alive while there are any: a run is not left because nothing else does.
 */
export class LeaseBeats {
  readonly #beats = new Set<Beat>();

  /** Calls `renew`, a function of its own, every `everyMs`, for the first time in at most that time. */
  join(environment: Pick<Environment, 'every'>, everyMs: number, renew: () => void): Cancel {
    const beat = this.#withRoom(everyMs) ?? this.#begin(environment, everyMs);
    beat.renewals.add(renew);
    return () => {
      beat.renewals.delete(renew);
      if (beat.renewals.size > 0) return;
      beat.stop();
      this.#beats.delete(beat);
    };
  }

  #withRoom(everyMs: number): Beat | undefined {
    for (const beat of this.#beats)
      if (beat.everyMs === everyMs && beat.renewals.size < most) return beat;
    return undefined;
  }

  #begin(environment: Pick<Environment, 'every'>, everyMs: number): Beat {
    const renewals = new Set<() => void>();
    const renewAll = () => {
      // One that is released meanwhile does nothing.
      for (const renew of [...renewals]) renew();
    };
    // The first run is not the only one for which it goes on.
    const stop = inCleanContext(() => environment.every(everyMs, renewAll, { ref: true }));
    const beat = { everyMs, renewals, stop };
    this.#beats.add(beat);
    return beat;
  }
}
