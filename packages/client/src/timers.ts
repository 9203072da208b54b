import type { Environment } from './environment.ts';

/** At most one timer of each name. */
export interface Timers<NAME extends string> {
  set(name: NAME, ms: number, run: () => void): void;
  /** Without a name all of them. */
  clear(name?: NAME): void;
}

export function createTimers<NAME extends string>({ after }: Environment): Timers<NAME> {
  const ends = new Map<NAME, () => void>();
  const clear = (name?: NAME): void => {
    for (const [key, end] of ends)
      if (!name || key === name) {
        ends.delete(key);
        end();
      }
  };
  return {
    set: (name, ms, run) => {
      clear(name);
      const end = after(ms, () => {
        ends.delete(name);
        run();
      });
      ends.set(name, end);
    },
    clear,
  };
}
