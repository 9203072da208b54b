// The pages of the documentation in their reading order: what docs/README.md lists.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { root } from '../root.mjs';

/**
 * `file` is its path in the repository, `says` what the list says of it, `inClient` whether it is about a client.
 *
 * @typedef {{ title: string, file: string, says: string }} Page
 * @typedef {{ title: string, pages: Page[] }} Section
 */

const row = /^- \[([^\]]+)\]\(([^)]+)\): (.+)$/;

/** @returns {Section[]} */
export function contents() {
  const text = readFileSync(join(root, 'docs', 'README.md'), 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      const pages = lines.flatMap((line) => {
        const [, name, path, says] = row.exec(line) ?? [];
        if (name === undefined) return [];
        return [{ title: name, file: normalize(join('docs', path)), says }];
      });
      return { title, pages };
    });
}

/** The decisions, in their order, which the list names as a whole. @returns {Omit<Page, 'says'>[]} */
export const decisions = () =>
  readdirSync(join(root, 'docs/decisions'))
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => {
      const file = `docs/decisions/${name}`;
      const title = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? name;
      return { title, file };
    });

/** Where a page lies on the site; undefined for what is not on it. */
export function siteOf(file) {
  if (file === 'PROTOCOL.md') return 'protocol';
  if (!/^docs\/.*\.md$/.test(file)) return undefined;
  return file.slice('docs/'.length, -'.md'.length).replace(/(^|\/)README$/, '$1index');
}
