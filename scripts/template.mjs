// The app that `npm create holdfast` makes: that of the page on getting started, by the page's own blocks, and what the
// page leaves to its reader.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesUnder } from './docs/blocks.mjs';
import { root } from './root.mjs';

const folder = join(root, 'packages', 'create-holdfast');
const own = join(folder, 'template');
const made = join(folder, 'dist', 'template');

rmSync(made, { recursive: true, force: true });
cpSync(own, made, { recursive: true });
for (const [path, text] of Object.entries(filesUnder('docs/getting-started.md', 'Next.js'))) {
  // Its own files come first: what the page says of a reader's database, and who may see a page.
  if (existsSync(join(own, path))) continue;
  mkdirSync(dirname(join(made, path)), { recursive: true });
  writeFileSync(join(made, path), text);
}
