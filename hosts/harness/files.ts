import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './application.ts';

/** The files of a folder of hosts/applications, by their paths in it. */
export function filesOf(name: string): Files {
  const folder = fileURLToPath(new URL(`../applications/${name}`, import.meta.url));
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(
    paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );
}
