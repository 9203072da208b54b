import type { Link } from './link.ts';
import { isUnderWay, type RunNow } from './run-now.ts';

/** What the demo is there to be tried with. */
export type Verb = 'reload' | 'cut' | 'stop';

export const verbs: readonly {
  readonly verb: Verb;
  readonly title: string;
  readonly how: string;
}[] = [
  { verb: 'reload', title: 'Reload it', how: 'in mid-answer: the text is there, and goes on.' },
  {
    verb: 'cut',
    title: 'Cut it',
    how: 'with the switch at the top, and mend it: nothing is missing.',
  },
  {
    verb: 'stop',
    title: 'Stop it elsewhere',
    how: 'in a second tab, or on your phone: it stops here, and so does the model.',
  },
];

/** What a page knows that tells whether one of them was done. */
export interface Doing {
  readonly link: Link;
  readonly run: RunNow;
  /** Whether the browser has loaded the page anew, and this is the first that it knows of what the server has. */
  readonly isBack: boolean;
}

/** The verb that was done between two moments of a page; null for none. */
export function doneBetween(before: Doing | null, now: Doing): Verb | null {
  if (now.isBack && isUnderWay(now.run)) return 'reload';
  if (!before) return null;
  // An answer may have ended while nothing of it arrived.
  if (before.link === 'cut' && now.link !== 'cut' && isUnderWay(before.run)) return 'cut';
  // Who presses Stop here sees it end first.
  const wasLive = isUnderWay(before.run) && before.run !== 'ending';
  return wasLive && now.run === 'stopped' && now.link === 'online' ? 'stop' : null;
}
