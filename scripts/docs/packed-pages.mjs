// The pages within the packages: who writes code with a model has those of the version that is installed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contents } from './contents.mjs';
import { textElsewhere } from './links.mjs';

/** Those of docs/ that the list names, and the list. */
const pages = () =>
  contents()
    .flatMap((section) => section.pages.map(({ file }) => file))
    .filter((file) => /^docs\/.*\.md$/.test(file))
    .concat('docs/README.md');

/** Writes them into a folder, with links to the repository in the place of those to other files. */
export function writePages(folder) {
  const all = new Set(pages());
  rmSync(folder, { recursive: true, force: true });
  for (const file of all) {
    const target = join(folder, file.slice('docs/'.length));
    const up = '../'.repeat(file.split('/').length - 2);
    mkdirSync(dirname(target), { recursive: true });
    const there = (to) => (all.has(to) ? `${up}${to.slice('docs/'.length)}` : undefined);
    writeFileSync(target, textElsewhere(file, there));
  }
}
