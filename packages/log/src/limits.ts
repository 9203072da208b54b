import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import type { ReminderTopic } from './contract/reminders.ts';
import type { LogLimits } from './contract/session-log.ts';

export const reminderTopics: readonly ReminderTopic[] = ['approvals', 'hooks', 'queue', 'runs'];

/**
 * How long a cancel waits for a command that has not come yet, in milliseconds (HF-FRM-5): longer
 * than a client repeats its send.
 */
export const markMs = 600_000;

/** Uploads of one session, at once. */
export const maxUploads = 1_000;

/** Pieces of one upload. */
export const maxPieces = 4_096;

/** Bytes that each piece counts besides its own, so that small ones cannot fill the store. */
export const pieceExtra = 128;

/** Time that an application's store of files has for each act, in milliseconds. */
export const storeMs = 30_000;

/** Bytes of a media type. */
export const mediaTypeBytes = 255;

/** Commands of one session that were cancelled before they came, at once. */
export const maxMarks = 100;

/** Claims of one session, at once. */
export const maxClaims = 1_000;

/**
 * A run's mark of suspicion counts for so many times as long as it has to be suspected: whoever looks
 * comes sooner, unless the store was away in between, and then who renews could not either.
 */
export const staleGraces = 3;

/** Bytes of a name from outside: of a command, a run, a claim or its holder. */
export const nameBytes = 1_024;

/** Bytes of what is kept with a command: it stays for `commandMs`. */
export const infoBytes = 8_192;

/** A checkpoint's state is at most so many times as large as an entry. */
export const stateEntries = 4;

/** Stored messages that `open` gives at most, however far back the oldest open one is. */
export const openItems = 500;

/** Entries that `open` gives at most. */
export const pageEntries = 500;

/** Bytes of a signal: it travels with every delivery to every process. */
export const signalBytes = 16_384;

/** Bytes of bodies after which a page of `read` ends; a page has at least one entry. */
export const pageBytes = 1_048_576;

/**
 * The given limits, with the protocol's defaults for those left out, or of which the value is not there. Throws
 * `internal` for one by which no store could go: it would fail in the middle of a write.
 */
export function logLimits(given: Partial<LogLimits> = {}): LogLimits {
  const {
    entryBytes = defaultLimits.entryBytes,
    sessionBytes = defaultLimits.sessionBytes,
    sessionEntries = defaultLimits.sessionEntries,
    retentionMs = defaultLimits.retentionMs,
    commandMs = defaultLimits.commandMs,
    fileBytes = defaultLimits.fileBytes,
    filePieceBytes = defaultLimits.filePieceBytes,
    sessionFileBytes = defaultLimits.sessionFileBytes,
    uploadMs = defaultLimits.uploadMs,
  } = given;
  const times = { retentionMs, commandMs, uploadMs };
  const amounts = { entryBytes, sessionBytes, sessionEntries };
  const ofFiles = { fileBytes, filePieceBytes, sessionFileBytes };
  for (const [name, value] of Object.entries(times))
    if (!Number.isSafeInteger(value) || value < 1) throw unusable(name, value, 'whole number');
  for (const [name, value] of Object.entries({ ...amounts, ...ofFiles }))
    if (typeof value !== 'number' || !(value >= 0)) throw unusable(name, value, 'number');
  return { ...times, ...amounts, ...ofFiles };
}

const unusable = (name: string, value: unknown, what: string): HoldfastError =>
  new HoldfastError(
    'internal',
    `unable to use limits.${name}: it is ${value} and has to be a ${what}`,
  );
