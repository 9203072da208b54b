// The reference of the packages' API, made of the doc comments: a page for each package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../root.mjs';
import { allOf, publicApi, published } from './public-api.mjs';

const folder = join(root, 'docs', 'reference');

/** `npm run docs:reference`: writes docs/reference/*.md, and says what has no doc comment. */
export async function writeReference() {
  mkdirSync(folder, { recursive: true });
  let gaps = 0;
  for (const name of published) {
    const entries = publicApi(name);
    const file = join(folder, `${name}.md`);
    writeFileSync(file, pageOf(name, entries));
    console.log(relative(root, file));
    for (const member of undocumented(entries)) {
      console.error(toDo(member));
      gaps += 1;
    }
  }
  return gaps === 0 ? 0 : 1;
}

/** The public members that nothing is said of. */
export const undocumented = (entries) =>
  allOf(entries.flatMap(({ exported, named }) => [...exported, ...named])).filter(
    ({ doc, plain }) => doc.trim() === '' && !plain,
  );

/** What a member without a doc comment needs, in one line. */
export const toDo = ({ file, line, name }) =>
  `${file}:${line} ${name} has no doc comment: say what it is, with unit and default, and what happens at the limit, on abort and on close`;

/** @param {import('./public-api.mjs').Entry[]} entries */
export function pageOf(name, entries) {
  const head = `# Reference: @holdfast/${name}\n\nMade of the doc comments by \`npm run docs:reference\`. Do not edit it.`;
  return `${[head, ...entries.map(entryText)].join('\n\n')}\n`;
}

function entryText({ path, exported, named }) {
  const parts = [`## \`${path}\``, ...exported.map(memberText)];
  if (named.length > 0)
    parts.push(
      `### Named by these, not exported from \`${path}\``,
      ...named.map((member) => memberText(member)),
    );
  return parts.join('\n\n');
}

function memberText(member) {
  const rows = allOf(member.members).map(rowText);
  const parts = [`### ${member.name}`, sentences(member), `\`\`\`ts\n${member.code}\n\`\`\``];
  if (rows.length > 0) parts.push(['| member | |', '| --- | --- |', ...rows].join('\n'));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** One row: the name without that of the type, which stands over the table. */
function rowText(member) {
  const name = member.name.split('.').slice(1).join('.');
  const text = member.plain && member.doc === '' ? `\`${member.code}\`` : sentences(member);
  return `| \`${name}\` | ${text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')} |`;
}

/** The doc comment, with its tags in words behind it. */
function sentences({ doc, tags }) {
  const words = { default: 'Default', throws: 'Throws', deprecated: 'Deprecated' };
  const said = tags
    .filter(({ name }) => words[name])
    .map(({ name, text }) => `${words[name]}: ${textOf(text)}`);
  return [doc.trim(), ...said].filter((part) => part !== '').join('\n\n');
}

/** The text of a tag. */
export const textOf = (text) =>
  (Array.isArray(text) ? text.map((part) => part.text).join('') : (text ?? '')).trim();
