import { type ConflictReason, HoldfastError } from '@holdfast/protocol';

/** A `conflict`: `reason` is for programs, and `words` complete `unable to …` for people. */
export const conflict = (reason: ConflictReason, words: string): HoldfastError =>
  new HoldfastError('conflict', `unable to ${words}`, { reason });
