import { HoldfastError } from '@holdfast/protocol';
import { onTestFinished } from 'vitest';
import { entry, sendOf } from '../../src/conformance/kit.ts';
import { createFeeds, type Delivery, type Feeds, type SessionFeed } from '../../src/index.ts';
import { MemoryLog } from '../../src/memory/memory-log.ts';
import { ManualTimers } from './manual-timers.ts';
import { TappedLog } from './tapped-log.ts';

export const pollMs = 5_000;
export const lingerMs = 15_000;

export interface FeedFixture {
  readonly memory: MemoryLog;
  readonly tapped: TappedLog;
  readonly timers: ManualTimers;
  readonly errors: unknown[];
  /** Tops of the heads that were shown. */
  readonly shown: string[];
  readonly feeds: Feeds;
  readonly feed: SessionFeed;
  readonly told: string[];
  release(): void;
  /** Appends so many entries, whose bodies count on. */
  write(count: number): Promise<void>;
  /** Puts the session back to where it was when this was called; see `LogFaults.snapshot`. */
  snapshot(): () => void;
}

export const session = 's1';

/** Follows a session in which a run writes `1`, `2`, `3` …, over a log that can be tapped. */
export async function feedFixture(
  options: { readonly started?: boolean } = {},
): Promise<FeedFixture> {
  const memory = new MemoryLog();
  const tapped = new TappedLog(memory);
  const timers = new ManualTimers();
  const errors: unknown[] = [];
  const shown: string[] = [];
  const feeds = createFeeds(tapped.log, {
    limits: { pollMs, lingerMs },
    timers,
    onError: (error) => errors.push(error),
    onHead: (name, { top }) => shown.push(`${name} ${top}`),
  });
  onTestFinished(() => feeds.close());
  if (options.started !== false) await memory.send(session, startOf());
  const { feed, release } = await feeds.acquire(session);
  const told: string[] = [];
  feed.listen(teller(told));
  let seq = 0;
  const write = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      seq += 1;
      const append = { run: 'r1', attempt: 1, seq, entry: entry(String(seq)) };
      await memory.append(session, append);
    }
  };
  const snapshot = (): (() => void) => {
    const copy = structuredClone(memory.sessions.get(session));
    const at = seq;
    return () => {
      seq = at;
      if (copy) memory.sessions.set(session, copy);
    };
  };
  return { memory, tapped, timers, errors, shown, feeds, feed, told, release, write, snapshot };
}

export const startOf = (): ReturnType<typeof sendOf> =>
  sendOf('c1', 'r1', { entries: [entry('start')] });

export const teller = (told: string[]): Parameters<SessionFeed['listen']>[0] => ({
  entries: (entries) => told.push(...entries.map(({ body }) => body)),
  reset: (why) => told.push(`reset ${why}`),
  deleted: () => told.push('deleted'),
  signal: (text) => told.push(`signal ${text}`),
});

export const lose = (): void => {};

export const loseBody = (delivery: Delivery, pass: (delivery: Delivery) => void): void =>
  pass(delivery.kind === 'entry' ? { ...delivery, body: null } : delivery);

export const away = (): HoldfastError =>
  new HoldfastError('unavailable', 'unable to reach the log: it is away');

export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
