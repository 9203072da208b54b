// docs/README.md is the one table of the pages: it names each of them once, and says what it is for.
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { contents, decisions, siteOf } from './docs/contents.mjs';
import { linkFrom } from './docs/links.mjs';
import { writePages } from './docs/packed-pages.mjs';
import { root } from './root.mjs';

const rows = contents().flatMap(({ pages }) => pages);

it('every page is in it once, and every row of it leads to something', () => {
  const files = globSync('docs/**/*.md', { cwd: root }).filter(
    (file) => !/^docs\/(README\.md|decisions\/\d|reference\/)/.test(file),
  );
  const named = rows.map(({ file }) => file);
  expect(
    named.filter((file) => file.startsWith('docs/') && file.endsWith('.md')).toSorted(),
  ).toEqual(files.toSorted());
  for (const { file, says } of rows) {
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(says.length, file).toBeGreaterThan(10);
  }
});

it('a page of the site has one address', () => {
  expect(siteOf('docs/README.md')).toBe('index');
  expect(siteOf('docs/hosts/README.md')).toBe('hosts/index');
  expect(siteOf('docs/stop.md')).toBe('stop');
  expect(siteOf('PROTOCOL.md')).toBe('protocol');
  expect(siteOf('docs/decisions/001-toolchain.md')).toBe('decisions/001-toolchain');
  for (const file of ['README.md', 'docs/images']) expect(siteOf(file)).toBeUndefined();
});

it('the decisions are on it, by their titles', () => {
  expect(decisions()[0]).toEqual({
    title: '001: The toolchain',
    file: 'docs/decisions/001-toolchain.md',
  });
  expect(decisions().length).toBeGreaterThan(60);
});

it('a picture in two colours says the same in both', () => {
  const dark = globSync('docs/images/*-dark.svg', { cwd: root });
  expect(dark.length).toBeGreaterThan(0);
  const without = (file) =>
    readFileSync(join(root, file), 'utf8').replaceAll(/#[0-9a-f]{3,6}\b/g, '');
  for (const file of dark) expect(without(file)).toBe(without(file.replace('-dark', '-light')));
});

it('a link that leads nowhere ends the build', () => {
  expect(() => linkFrom('docs/stop.md', 'gone.md', () => '/')).toThrow(
    /docs\/stop\.md links to gone/,
  );
  expect(linkFrom('docs/stop.md', '../LICENSE', () => undefined)).toMatch(
    /^https:\/\/[^ ]+\/blob\/main\/LICENSE$/,
  );
});

it('the pages in the package link to each other, and else to the repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pages-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writePages(folder);
  const pages = globSync('**/*.md', { cwd: folder });
  expect(pages).toContain(join('hosts', 'next.md'));
  for (const page of pages) {
    const prose = readFileSync(join(folder, page), 'utf8').replaceAll(
      /```[\s\S]*?```|`[^`\n]*`/g,
      '',
    );
    for (const [, link] of prose.matchAll(/\]\(([^)\s#]+)[^)]*\)/g))
      if (!/^[a-z]+:/.test(link))
        expect(
          existsSync(join(folder, normalize(join(dirname(page), link)))),
          `${page}: ${link}`,
        ).toBe(true);
  }
});
