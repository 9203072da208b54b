import type { Report } from './contract/options.ts';

export const reportToConsole: Report = (error, { session, run }) => {
  const where = [session && `session ${session}`, run && `run ${run}`].filter(Boolean).join(', ');
  // biome-ignore lint/suspicious/noConsole: the documented default of the `onError` options
  console.error(`holdfast${where ? ` (${where})` : ''}:`, error);
};

/** Kinds of faults that are remembered: the oldest one is forgotten, and told again when it comes again. */
const mostKinds = 100;
/** Causes of causes that tell two kinds apart. */
const mostCauses = 5;

/** Parts that differ from one fault of a kind to the next: ids, numbers, addresses. */
const particular = /[\w-]*\d[\w-]*|[\w-]{20,}/g;

/** Where it was thrown, with its class, code and the beginning of its words; the same of its causes. */
function kindOf(error: unknown, left = mostCauses): string {
  if (!(error instanceof Error)) return String(error);
  const [words = ''] = error.message.split(':');
  const place = /\n +at .*/.exec(error.stack ?? '')?.[0];
  const { code, status, statusCode, cause } = error as Error & Readonly<Record<string, unknown>>;
  const kind = [error.name, code, status, statusCode, words.replace(particular, '#'), place].join();
  return cause === undefined || left === 0 ? kind : `${kind} ${kindOf(cause, left - 1)}`;
}

/** The default of `onError`: the console is told of each kind of fault once, and not of every occurrence. */
export function createConsoleReport(): Report {
  const kinds = new Set<string>();
  return (error, where) => {
    const kind = kindOf(error);
    if (kinds.has(kind)) return;
    for (const oldest of kinds) if (kinds.size >= mostKinds) kinds.delete(oldest);
    kinds.add(kind);
    reportToConsole(error, where);
  };
}

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
