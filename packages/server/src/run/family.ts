import type { RunInfo } from '@holdfast/protocol';

/** Ids of the runs that work on behalf of a run, directly. */
export const descendantsOf = (
  run: string,
  runs: readonly Pick<RunInfo, 'run' | 'parent'>[],
): readonly string[] => runs.filter(({ parent }) => parent === run).map((child) => child.run);
