import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { root } from './protocol-doc.ts';

const cwd = fileURLToPath(root);
const isForeign = (path: string): boolean => /(^|\/)(node_modules|dist|\.next)(\/|$)/.test(path);

export interface Source {
  /** Relative to the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Our own files that match; nothing that was installed or built. */
export function sources(patterns: readonly string[]): Source[] {
  return globSync([...patterns], { cwd, exclude: isForeign })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !isForeign(path) && existsSync(new URL(path, root)))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
}
