/** Names one entry of one incarnation of a log. */
export interface Position {
  /**
   * Name of the log's incarnation: 1 to 64 letters, digits, `_` or `-`; empty where the session does not
   * exist yet.
   */
  readonly epoch: string;
  /** `<seq>-<nonce>`; {@link origin} is the id before the first entry. */
  readonly id: string;
}

/** The entry id before the first entry. */
export const origin = '0-0';

/** At most 15 digits, so that every sequence number is a safe integer. */
const idPattern = /^(0-0|[1-9]\d{0,14}-(0|[1-9]\d{0,9}))$/;
const epochPattern = /^[A-Za-z0-9_-]{1,64}$/;
const sessionPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** Session ids become parts of storage keys, so nothing but these characters is let in. */
export const isSessionId = (value: unknown): value is string =>
  typeof value === 'string' && sessionPattern.test(value);

/** True for an entry id, `<seq>-<nonce>`, with a number of at most 15 digits in front. */
export const isEntryId = (value: unknown): value is string =>
  typeof value === 'string' && idPattern.test(value);

/** The sequence number of an entry id: 1 for the first entry of an epoch. */
export const seqOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

/** The position as it travels: `<epoch>:<id>`. */
export const formatPosition = (position: Position): string => `${position.epoch}:${position.id}`;

/**
 * Reads a position as a client sent it; `null` when it is none (HF-POS-4). The epoch is empty for
 * a session that did not exist yet (HF-SUB-4).
 */
export function parsePosition(text: unknown): Position | null {
  if (typeof text !== 'string') return null;
  if (text === `:${origin}`) return { epoch: '', id: origin };
  const colon = text.indexOf(':');
  const epoch = text.slice(0, colon);
  const id = text.slice(colon + 1);
  return colon > 0 && epochPattern.test(epoch) && idPattern.test(id) ? { epoch, id } : null;
}

/** Why a position could not be honoured, in the order in which it is checked (HF-POS-3). */
export type ResetReason = 'epoch' | 'ahead' | 'trimmed' | 'diverged' | 'lag';
