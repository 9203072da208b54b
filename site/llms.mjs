// For those who read with a model: each page as the text that it is, and lists of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contents, decisions, siteOf } from '../scripts/docs/contents.mjs';
import { linkFrom, textElsewhere } from '../scripts/docs/links.mjs';

const summary =
  'Durable chat sessions for the Vercel AI SDK: agents write into an ordered log, clients read it from an exact position. A dropped socket, a reload, a second tab, a crashed server: none of them loses a word, and any of them can stop or steer the run.';

/** Where the text of a page lies. */
const textAt = (file) => {
  const page = siteOf(file);
  return page === undefined ? undefined : `/${page}.md`;
};

/** Writes `llms.txt`, `llms-full.txt` and all pages as Markdown into the folder of the site. */
export function writeTexts(folder) {
  const list = ['# Holdfast', `> ${summary}`];
  const whole = [];
  /** The text, or to nothing for what is not on the site. */
  const write = (file) => {
    const at = textAt(file);
    if (at === undefined) return undefined;
    const target = join(folder, at);
    mkdirSync(dirname(target), { recursive: true });
    const text = textElsewhere(file, textAt);
    writeFileSync(target, text);
    return text.trim();
  };
  for (const { title, pages } of contents()) {
    list.push(`## ${title}`);
    const rows = [];
    for (const { title: name, file, says } of pages) {
      rows.push(`- [${name}](${linkFrom('', file, textAt)}): ${says}`);
      const text = write(file);
      if (text !== undefined) whole.push(text);
    }
    list.push(rows.join('\n'));
  }
  // Pages link to them; who asks how something is done is not to read them all.
  for (const { file } of decisions()) write(file);
  writeFileSync(join(folder, 'llms.txt'), `${list.join('\n\n')}\n`);
  writeFileSync(join(folder, 'llms-full.txt'), `${whole.join('\n\n---\n\n')}\n`);
}
