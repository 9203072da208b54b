// What the tables of the documentation name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/**
 * The rows of the first table behind a heading or a first cell.
 *
 * @param {string} page from the root
 * @param {string} head what the table's first line starts with, without its first `| `
 * @param {string} [heading] the heading that stands before it
 * @returns {{ names: string[], cells: string[] }[]} the names are the words in code of the first cell, up to what
 * a word in code is followed by: `cancel(chatId)` is `cancel`
 */
export function rowsOf(page, head, heading = '') {
  return cellsOf(page, head, heading).map((cells) => {
    const names = [...cells[0].matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name);
    return { names, cells };
  });
}

/**
 * The cells of these rows alone.
 *
 * @param {string} page from the root
 * @param {string} head what the table's first line starts with, without its first `| `
 * @param {string} [heading] the heading that stands before it
 * @returns {string[][]}
 */
export function cellsOf(page, head, heading = '') {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const from = heading === '' ? 0 : lines.indexOf(heading);
  const at = lines.findIndex((line, n) => n >= from && line.startsWith(`| ${head}`));
  if (from === -1 || at === -1)
    throw new Error(`unable to read ${page}: no table "${head}" behind "${heading}"`);
  const rows = [];
  for (let n = at + 2; lines[n]?.startsWith('|'); n += 1) {
    const cells = lines[n]
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    rows.push(cells);
  }
  return rows;
}
