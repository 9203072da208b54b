import type { Terminal } from './terminal.ts';

/** 0: all is well; 1: something was found, or it could not be done. A mistake in the arguments is 2. */
export type ExitCode = 0 | 1;

/** A command of `npx holdfast`. */
export interface Command {
  /** Arguments, as a line of usage has them. */
  readonly usage: string;
  /** What each option means. */
  readonly options: string;
  /** Reads the arguments, and gives what then does it. Throws `bad_request`, or what `parseArgs` does, for a mistake. */
  read(given: readonly string[], terminal: Terminal): () => Promise<ExitCode>;
}
