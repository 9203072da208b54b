import type { Report } from './options.ts';

export const reportToConsole: Report = (error, { session, run }) => {
  const where = [session && `session ${session}`, run && `run ${run}`].filter(Boolean).join(', ');
  // biome-ignore lint/suspicious/noConsole: the documented default of the `onError` options
  console.error(`holdfast${where ? ` (${where})` : ''}:`, error);
};

/**
 * Tells of an outage once: a connection that is away fails again with each attempt. `over` is called when
 * it is there again.
 */
export function oncePerOutage(report: (error: unknown) => void): {
  readonly failed: (error: unknown) => void;
  readonly over: () => void;
} {
  let state: 'up' | 'down' = 'up';
  return {
    failed: (error) => {
      if (state === 'down') return;
      state = 'down';
      report(error);
    },
    over: () => {
      state = 'up';
    },
  };
}
