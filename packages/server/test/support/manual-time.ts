import { type Environment, systemEnvironment } from '../../src/environment.ts';

interface Timer {
  at: number;
  readonly everyMs: number | null;
  readonly act: () => void;
}

export interface ManualTime {
  readonly environment: Environment;
  /** How many timers there are. */
  readonly timers: number;
  /** Goes on by that much, timer by timer. */
  pass(ms: number): void;
}

/** A process's time, which goes on only when it is told to. */
export function manualTime(): ManualTime {
  let now = 0;
  const timers = new Set<Timer>();
  const begin = (ms: number, everyMs: number | null, act: () => void) => {
    const timer = { at: now + ms, everyMs, act };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };
  const environment: Environment = {
    ...systemEnvironment,
    now: () => now,
    wait: (ms) => new Promise((resolve) => void begin(ms, null, resolve)),
    after: (ms, act) => begin(ms, null, act),
    every: (ms, act) => begin(ms, ms, act),
  };
  return {
    environment,
    get timers() {
      return timers.size;
    },
    pass: (ms: number) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].sort((a, b) => a.at - b.at);
        if (!next || next.at > end) break;
        now = next.at;
        if (next.everyMs === null) timers.delete(next);
        else next.at += next.everyMs;
        next.act();
      }
      now = end;
    },
  };
}
