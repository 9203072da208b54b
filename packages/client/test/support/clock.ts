import type { Environment } from '@holdfast/client';

export interface ManualClock {
  readonly environment: Pick<Environment, 'now' | 'after' | 'random' | 'page'>;
  /** Moves time on and runs what is due, in order. */
  advance(ms: number): void;
  /** Shows an earlier time from now on; what is due stays as far away as it was. */
  setBack(ms: number): void;
  readonly pending: number;
  /** In how many milliseconds each timer is due. */
  readonly due: readonly number[];
  /** Resolves when at least this many timers wait. */
  waiting(count: number): Promise<void>;
  readonly page: {
    online: boolean;
    visible: boolean;
    /** As `online`, `visibilitychange` and `pageshow` do. */
    wake(): void;
    offline(): void;
    readonly listeners: number;
  };
}

export function manualClock(): ManualClock {
  let now = 0;
  let backMs = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const counting = new Set<() => void>();
  const listeners = new Set<{ wake(): void; offline(): void }>();
  const page: ManualClock['page'] = {
    online: true,
    visible: true,
    wake: () => {
      for (const listener of [...listeners]) listener.wake();
    },
    offline: () => {
      page.online = false;
      for (const listener of [...listeners]) listener.offline();
    },
    get listeners() {
      return listeners.size;
    },
  };
  return {
    environment: {
      now: () => now - backMs,
      random: () => 0.5,
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.add(timer);
        for (const check of [...counting]) check();
        return () => timers.delete(timer);
      },
      page: {
        isOnline: () => page.online,
        isVisible: () => page.visible,
        listen: (on) => {
          listeners.add(on);
          return () => listeners.delete(on);
        },
      },
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
    setBack: (ms) => {
      backMs += ms;
    },
    get pending() {
      return timers.size;
    },
    get due() {
      return [...timers].map(({ at }) => at - now);
    },
    waiting: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (timers.size < count) return;
          counting.delete(check);
          resolve();
        };
        counting.add(check);
        check();
      }),
    page,
  };
}
