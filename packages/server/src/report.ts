import type { Report } from './options.ts';

export const reportToConsole: Report = (error, { session, run }) => {
  const where = [session && `session ${session}`, run && `run ${run}`].filter(Boolean).join(', ');
  // biome-ignore lint/suspicious/noConsole: the documented default of the `onError` options
  console.error(`holdfast${where ? ` (${where})` : ''}:`, error);
};
