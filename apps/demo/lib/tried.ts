import { type Verb, verbs } from './verbs.ts';

/** What this browser has tried, in any of its tabs. */
export interface Tried {
  readonly done: ReadonlySet<Verb>;
  /** Whether the hints were put away. */
  readonly isHidden: boolean;
}

const key = 'holdfast-demo-tried';
const none: Tried = { done: new Set(), isHidden: false };
const listeners = new Set<() => void>();
let known: Tried | undefined;

function read(): Tried {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    const names: readonly unknown[] = Array.isArray(stored) ? stored : [];
    const done = verbs.map(({ verb }) => verb).filter((verb) => names.includes(verb));
    return { done: new Set(done), isHidden: names.includes('hidden') };
  } catch {
    // Storage may be forbidden, or hold something else; hints are a convenience.
    return none;
  }
}

function add(name: Verb | 'hidden'): void {
  const { done, isHidden } = read();
  const names = new Set([...done, ...(isHidden ? ['hidden'] : []), name]);
  try {
    localStorage.setItem(key, JSON.stringify([...names]));
  } catch {
    return;
  }
  changed();
}

function changed(): void {
  known = undefined;
  for (const listener of listeners) listener();
}

export const tried = {
  getSnapshot: (): Tried => {
    known ??= read();
    return known;
  },
  getServerSnapshot: (): Tried => none,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    // Other tabs.
    window.addEventListener('storage', changed);
    return () => {
      listeners.delete(listener);
      window.removeEventListener('storage', changed);
    };
  },
  mark: (verb: Verb): void => add(verb),
  hide: (): void => add('hidden'),
};
