/** A stream for a run is asked for at most this often, with these pauses before, in ms. */
const pausesMs: readonly number[] = [0, 1_000, 4_000];

/** How often a chat asked for the stream of its live run, so that it does not ask for ever. */
export interface Tries {
  /** How long to wait before the next try, in ms; null when there were enough. */
  pauseFor(run: string): number | null;
  /** A try is made now. */
  tried(run: string): void;
}

export function createTries(now: () => number): Tries {
  let last = { run: '', tries: 0, at: 0 };
  return {
    pauseFor: (run) => {
      if (last.run !== run) return 0;
      const pause = pausesMs[last.tries];
      return pause === undefined ? null : Math.max(0, last.at + pause - now());
    },
    tried: (run) => {
      last = { run, tries: last.run === run ? last.tries + 1 : 1, at: now() };
    },
  };
}
