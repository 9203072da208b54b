const told = new Set<string>();

/**
 * Warns whoever runs the process of a mistake, once for each `code`: what is wrong, and what to do.
 * Each copy of this module that a bundler makes tells for itself.
 */
export function warnOnce(code: `HOLDFAST_${string}`, words: string): void {
  if (told.has(code)) return;
  told.add(code);
  process.emitWarning(words, { code });
}
