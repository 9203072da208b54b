import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../root.mjs';

const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Where the repository is looked at. */
export const repositoryPage = repository.url.replaceAll(/^git\+|\.git$/g, '');

/**
 * What a link of a page is elsewhere than in the repository. Throws for one that leads nowhere.
 *
 * @param {string} file the page, as its path in the repository
 * @param {string} link as the page has it
 * @param {(target: string) => string | undefined} there what a link to a file of the repository is there; undefined
 *   where it has none of it, and the repository is linked to
 */
export function linkFrom(file, link, there) {
  if (/^[a-z]+:|^#/.test(link)) return link;
  const [path = '', anchor] = link.split('#');
  const target = relative(root, join(root, dirname(file), path));
  // Of the host: issues, releases.
  if (target.startsWith('..')) return `${repositoryPage}/${target.replace(/^(\.\.\/)+/, '')}`;
  if (!existsSync(join(root, target)))
    throw new Error(`${file} links to ${link}, which is not there`);
  const end = anchor === undefined ? '' : `#${anchor}`;
  const own = there(target);
  if (own !== undefined) return own + end;
  const kind = statSync(join(root, target)).isDirectory() ? 'tree' : 'blob';
  return `${repositoryPage}/${kind}/main/${target}${end}`;
}

/** The text of a page, with what its links and pictures are elsewhere. */
export const textElsewhere = (file, there) =>
  readFileSync(join(root, file), 'utf8').replaceAll(
    /(\]\()([^)\s]+)(\))|(\bsrc(?:set)?=")([\w./-]+)(")/g,
    (_, ...[a, link, b, c, picture, d]) =>
      (a ?? c) + linkFrom(file, link ?? picture, there) + (b ?? d),
  );
