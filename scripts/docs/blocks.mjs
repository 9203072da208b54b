// The code that stands on the pages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/**
 * @typedef {object} Block
 * @property {string} language what stands behind the fence
 * @property {string} code
 * @property {string | null} file the path that its first line names in a comment, such as `// lib/holdfast.ts` or `<!-- Chat.vue -->`
 * @property {string} heading the nearest one in front of it
 * @property {number} line of its first line of code, from 1
 */

const fence = /^```(\w*)$/;
const named = /^(?:\/\/|#|<!--) ([\w./@+[\]-]*\.\w+)(?: -->)?$/;

/**
 * The fenced blocks of a page, in their order.
 *
 * @param {string} page from the root
 * @returns {Block[]}
 */
export function blocksOf(page) {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const blocks = [];
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    heading = /^#+ (.+)$/.exec(lines[at])?.[1] ?? heading;
    const language = fence.exec(lines[at])?.[1];
    if (language === undefined) continue;
    const end = lines.findIndex((line, n) => n > at && line === '```');
    if (end === -1)
      throw new Error(`unable to read ${page}: the block in line ${at + 1} has no end`);
    const code = `${lines.slice(at + 1, end).join('\n')}\n`;
    const file = named.exec(lines[at + 1])?.[1] ?? null;
    blocks.push({ language, code, file, heading, line: at + 2 });
    at = end;
  }
  return blocks;
}

/**
 * The files that the blocks under a heading name, by their paths. Throws where there is none.
 *
 * @param {string} page from the root
 * @param {string} heading
 * @returns {Record<string, string>}
 */
export function filesUnder(page, heading) {
  const blocks = blocksOf(page).filter((block) => block.heading === heading && block.file !== null);
  if (blocks.length === 0) throw new Error(`unable to read ${page}: no files under "${heading}"`);
  return Object.fromEntries(blocks.map(({ file, code }) => [file, code]));
}
