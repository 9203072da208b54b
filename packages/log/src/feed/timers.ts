/** The clock of feeds, injected so that tests decide when time passes. */
export interface Timers {
  /** Calls back once after `ms` milliseconds; returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest time of Node's timers, in ms: it takes one that is longer, or without end, for 1 ms. */
const longestMs = 2 ** 31 - 1;

/** A time as timers of Node take it. */
export const timerMs = (ms: number): number => Math.min(ms, longestMs);

/** Timers that do not keep the process alive. */
export const systemTimers: Timers = {
  after(ms, callback) {
    const timer = setTimeout(callback, timerMs(ms));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
