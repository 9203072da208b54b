import type { SessionNews } from '@holdfast/client';

/** The positions of a log that were seen, by their number from its beginning. */
export interface Entries {
  /** How many entries the log has; null where this began in its middle. */
  readonly count: number | null;
  /** The number of the entry at a position; undefined for one that was not seen. */
  readonly numberAt: (position: string | null) => number | undefined;
}

/** Counts the entries of a session. Positions are opaque: they are only compared. */
export function createEntries(): Entries & {
  /** Told what comes, and the position behind it. */
  readonly take: (news: SessionNews, position: string | null) => void;
} {
  const numbers = new Map<string, number>();
  let count: number | null = 0;
  return {
    get count() {
      return count;
    },
    numberAt: (position) => (position === null ? 0 : numbers.get(position)),
    take: (news, position) => {
      if (position === null) return;
      // A snapshot of what was not seen from its beginning does not say how many entries it is of.
      if (news.t === 'snap')
        count = numbers.get(position) ?? (news.items.length + numbers.size === 0 ? 0 : null);
      if (news.t !== 'entry' || count === null) return;
      count++;
      numbers.set(position, count);
    },
  };
}
