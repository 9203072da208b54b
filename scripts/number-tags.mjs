// Numbers the requirements of PROTOCOL.md in the order in which they stand there, and all that quotes them:
// `node scripts/number-tags.mjs`. A new one is put where it belongs, under any number that is free, before this.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/**
 * What each tag is called once all are numbered from 1 within their letters.
 *
 * @param {string} protocol the text of PROTOCOL.md
 * @returns {Map<string, string>}
 */
export function numbered(protocol) {
  const last = new Map();
  const names = new Map();
  for (const [, tag, letters] of protocol.matchAll(/^- `(HF-([A-Z]+)-\d+)`/gm)) {
    if (names.has(tag)) throw new Error(`unable to number ${tag}: PROTOCOL.md has it twice`);
    last.set(letters, (last.get(letters) ?? 0) + 1);
    names.set(tag, `HF-${letters}-${last.get(letters)}`);
  }
  return names;
}

/** Each tag of the text under its new name, in one pass, since names change places. */
export const renamed = (text, names) =>
  text.replaceAll(/\bHF-[A-Z]+-\d+\b/g, (tag) => names.get(tag) ?? tag);

function main() {
  const names = numbered(readFileSync(join(root, 'PROTOCOL.md'), 'utf8'));
  const quoting = execFileSync('git', ['grep', '--untracked', '-lIE', 'HF-[A-Z]+-[0-9]+'], {
    cwd: root,
  });
  for (const file of quoting.toString().trim().split('\n')) {
    const text = readFileSync(join(root, file), 'utf8');
    const next = renamed(text, names);
    if (next !== text) writeFileSync(join(root, file), next);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
