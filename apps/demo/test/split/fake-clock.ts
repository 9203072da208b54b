import type { Clock } from '../../lib/split/director.ts';

/** Time that passes when a test says so. */
export function fakeClock(): Clock & {
  readonly pass: (ms: number) => void;
  /** How many calls are still to come. */
  readonly waiting: () => number;
} {
  let now = 0;
  const calls = new Set<{ readonly at: number; readonly call: () => void }>();
  return {
    after: (ms, call) => {
      const entry = { at: now + ms, call };
      calls.add(entry);
      return () => {
        calls.delete(entry);
      };
    },
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...calls].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        calls.delete(next);
        now = next.at;
        next.call();
      }
      now = end;
    },
    waiting: () => calls.size,
  };
}
