import { type ConflictReason, HoldfastError } from '@holdfast/protocol';

/** A `conflict`: `reason` is for programs, and `words` complete `unable to …` for people. */
export const conflict = (reason: ConflictReason, words: string): HoldfastError =>
  new HoldfastError('conflict', `unable to ${words}`, { reason });

/** True when what was named is not there: its session may be gone as a whole. */
export const isGone = (error: unknown): boolean =>
  HoldfastError.is(error) && error.code === 'conflict' && error.reason === 'gone';
