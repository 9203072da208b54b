import type { Page } from 'playwright-core';

/** What the thread of a page did, in ms of processor time: its longest task, and all of them. */
export interface Work {
  readonly longestMs: number;
  readonly allMs: number;
}

/** The part of Chromium's events of a trace that is read. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time of the thread, in µs. */
  readonly tdur?: number;
}

const mark = 'work';
const categories = ['disabled-by-default-devtools.timeline', 'blink.user_timing'];

/**
 * Traces the page while something is done to it. Of processor time and not of the clock, which tells of what else the
 * machine has to do. One page of a browser at a time.
 */
export async function workOf(page: Page, act: () => Promise<void>): Promise<Work> {
  const browser = page.context().browser();
  if (!browser) throw new Error('unable to trace; the page has no browser');
  await browser.startTracing(page, { categories });
  let trace: Buffer;
  try {
    await act();
    await page.evaluate((name) => performance.mark(name), mark);
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(String(trace)) as { traceEvents: readonly TraceEvent[] };
  const thread = traceEvents.find(({ name }) => name === mark);
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && pid === thread?.pid && tid === thread.tid)
    .map(({ tdur = 0 }) => tdur / 1_000);
  if (tasks.length === 0) throw new Error('unable to trace; the browser tells of no tasks');
  return { longestMs: Math.max(...tasks), allMs: tasks.reduce((sum, ms) => sum + ms, 0) };
}
