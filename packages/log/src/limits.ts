import { defaultLimits } from '@holdfast/protocol';
import type { LogLimits } from './session-log.ts';

/**
 * How long a cancel waits for a command that has not come yet, in milliseconds (HF-FRM-5): longer
 * than a client repeats its send.
 */
export const markMs = 600_000;

/** Stored messages that `open` gives at most, however far back the oldest open one is. */
export const openItems = 500;

/** Entries that `open` gives at most. */
export const pageEntries = 500;

/** Bytes of a signal: it travels with every delivery to every process. */
export const signalBytes = 16_384;

/** Bytes of bodies after which a page of `read` ends; a page has at least one entry. */
export const pageBytes = 1_048_576;

/** The given limits, with the protocol's defaults for those left out. */
export function logLimits(given: Partial<LogLimits> = {}): LogLimits {
  const { entryBytes, sessionBytes, sessionEntries, retentionMs, commandMs } = defaultLimits;
  return { entryBytes, sessionBytes, sessionEntries, retentionMs, commandMs, ...given };
}
