// What each entry point exports, in a file that is committed: a change of it is seen where changes are read.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../root.mjs';
import { allOf, publicApi, published } from './public-api.mjs';
import { textOf } from './reference.mjs';

/** The folder of a package's reports. */
export const folderOf = (name) => join(root, 'packages', name, 'api');

/** `npm run api`: writes the report of each entry point, and removes those of entry points that are gone. */
export function writeApiReports() {
  for (const name of published) {
    rmSync(folderOf(name), { recursive: true, force: true });
    for (const [file, text] of reportsOf(name, publicApi(name))) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.log(relative(root, file));
    }
  }
  return 0;
}

/** The files that are committed. */
export const committedReports = (name) =>
  readdirSync(folderOf(name)).map((file) => join(folderOf(name), file));

/**
 * The reports of a package by their files.
 *
 * @param {string} name of its folder
 * @param {import('./public-api.mjs').Entry[]} entries
 * @returns {Map<string, string>}
 */
export function reportsOf(name, entries) {
  const fileOf = (path) =>
    join(folderOf(name), `${path.slice(`@holdfast/${name}/`.length) || 'index'}.api.md`);
  return new Map(entries.map((entry) => [fileOf(entry.path), reportOf(entry)]));
}

function reportOf({ path, exported, named }) {
  const parts = [
    `# API of \`${path}\``,
    'Made of the sources by `npm run api`. What is gone or narrower here is a breaking change.',
    codeIn(exported),
  ];
  if (named.length > 0) parts.push('Named by these, and not exported:', codeIn(named));
  const defaults = allOf([...exported, ...named]).flatMap(defaultOf);
  if (defaults.length > 0) parts.push('Defaults:', defaults.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

const codeIn = (members) => `\`\`\`ts\n${members.map(({ code }) => code).join('\n\n')}\n\`\`\``;

const defaultOf = ({ name, tags }) =>
  tags
    .filter((tag) => tag.name === 'default')
    .map(({ text }) => `- \`${name}\`: ${textOf(text).replaceAll(/\s*\n\s*/g, ' ')}`);
