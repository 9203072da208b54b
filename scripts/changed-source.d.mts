/** Null for every module but the one that is to be changed; see changed-source.mjs. */
export function changedSource(id: string): string | null;
export function sourceOf(id: string): string;
