import * as ai from 'ai';

/**
 * A copy: bundlers know what `ai` exports, also behind a name that is looked up on the import
 * itself, and refuse to build where the installed version lacks it. What a copy has they leave to
 * run time.
 */
const exported: Readonly<Record<string, unknown>> = { ...ai };

/** A function that only some of the supported versions of `ai` export; `undefined` with the others. */
export const optionalExport = <T>(name: string): T | undefined => exported[name] as T | undefined;
