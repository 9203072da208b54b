import { defaultLimits, type Presence } from '@holdfast/protocol';
import { SessionPresence } from '../../src/session/presence.ts';

const limits = { ...defaultLimits, presenceMs: 4_000, awayMs: 13_000, typingMs: 6_000 };
export const ada = { id: 'ada', role: 'user' } as const;
export const bob = { id: 'bob', role: 'user' } as const;

interface Hub {
  readonly presence: SessionPresence;
  /** What its followers were told since. */
  told(): string[];
  /** What other hubs were told since. */
  signals(): Record<string, unknown>[];
  who(): string;
  /** Goes on to a time, and ticks there. */
  tickAt(at: number): void;
  at(time: number): void;
  /** Another hub says so. */
  hear(words: object, from?: string): void;
}

/** The participants of one hub, whose time goes on when it is told to, with what it says and to whom. */
export function presenceOf(): Hub {
  let now = 0;
  const signals: Record<string, unknown>[] = [];
  const told: string[] = [];
  const presence = new SessionPresence({
    ...{ id: 'h', limits, now: () => now },
    signal: (text) => signals.push(JSON.parse(text) as Record<string, unknown>),
    changed: (who) => told.push(wordsOf(who)),
  });
  return {
    presence,
    told: () => told.splice(0),
    signals: () => signals.splice(0),
    who: () => wordsOf(presence.who),
    tickAt: (at: number) => {
      now = at;
      presence.tick(at);
    },
    at: (time: number) => {
      now = time;
    },
    hear: (words: object, from = 'other') =>
      presence.receive(JSON.stringify({ hub: from, ...words })),
  };
}

const wordsOf = (who: readonly Presence[]): string =>
  who.map(({ id, state }) => `${id} ${state}`).join(', ');
