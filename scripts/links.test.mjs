// No link of the documentation leads nowhere: neither to a page nor to a heading that is not there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { anchorOf } from './docs/anchors.mjs';
import { root } from './root.mjs';

const skipped = new Set([
  'node_modules',
  'dist',
  '.git',
  '.next',
  '.changeset',
  '.turbo',
  'packed',
]);

function pagesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    if (skipped.has(each.name)) return [];
    const path = join(folder, each.name);
    if (each.isDirectory()) return pagesIn(path);
    return each.name.endsWith('.md') ? [path] : [];
  });
}

/** The text without code, in which brackets are none of a link. */
const proseOf = (file) =>
  readFileSync(file, 'utf8')
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()#]/g, ''));

/** The names that a Markdown viewer gives to headings. */
function anchorsOf(file) {
  const headings = readFileSync(file, 'utf8')
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  return new Set(Array.from(headings, ([, heading]) => anchorOf(heading)));
}

const pages = pagesIn(root).map((page) => relative(root, page));

it('there are pages to look at', () => {
  expect(pages).toContain('README.md');
  expect(pages.length).toBeGreaterThan(40);
});

it.each(pages)('every link of %s leads somewhere', (page) => {
  const file = join(root, page);
  for (const [, link] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link) || link.startsWith('../../')) continue; // of the web, or of the repository's host
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined && statSync(target).isFile())
      expect([...anchorsOf(target)], link).toContain(anchor);
  }
});
