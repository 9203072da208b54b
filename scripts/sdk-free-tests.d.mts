/** Test files of a package that never load the AI SDK, relative to its folder; see sdk-free-tests.mjs. */
export function sdkFreeTests(folder: string): string[];
