import { createBrowserStore } from './browser-store.ts';
import { type Verb, verbs } from './verbs.ts';

/** What this browser has tried, in any of its tabs. */
export interface Tried {
  readonly done: ReadonlySet<Verb>;
  /** Whether the hints were put away. */
  readonly isHidden: boolean;
}

const key = 'holdfast-demo-tried';
const none: Tried = { done: new Set(), isHidden: false };

function read(stored: unknown): Tried {
  const names: readonly unknown[] = Array.isArray(stored) ? stored : [];
  const done = verbs.map(({ verb }) => verb).filter((verb) => names.includes(verb));
  return { done: new Set(done), isHidden: names.includes('hidden') };
}

const store = createBrowserStore(key, read, none);

function add(name: Verb | 'hidden'): void {
  const { done, isHidden } = store.latest();
  store.keep([...new Set([...done, ...(isHidden ? ['hidden'] : []), name])]);
}

export const tried = {
  getSnapshot: store.getSnapshot,
  getServerSnapshot: store.getServerSnapshot,
  subscribe: store.subscribe,
  mark: (verb: Verb): void => add(verb),
  hide: (): void => add('hidden'),
};
