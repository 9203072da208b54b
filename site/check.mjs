// Every link of the built site leads to a page, a file or a heading that is there; else the build has failed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '.vitepress', 'dist');
const base = process.env.SITE_BASE ?? '/';

const pages = new Map(
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.html'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);
const idsIn = (html) => new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
const ids = new Map([...pages].map(([name, html]) => [name, idsIn(html)]));

/** The file behind an address of the site; undefined where there is none. */
const fileOf = (address) =>
  [address, `${address}.html`, posix.join(address, 'index.html')].find(
    (name) => pages.has(name) || (/\.\w+$/.test(name) && existsSync(join(folder, name))),
  );

const dead = [];
for (const [name, html] of pages) {
  if (name === '404.html') continue;
  for (const [, link] of html.matchAll(/<a [^>]*?href="([^"]+)"/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [path = '', anchor] = decodeURI(link).split('#');
    const target = path === '' ? name : fileOf(path.slice(base.length).replace(/\/$/, ''));
    if (target === undefined || (anchor && !ids.get(target)?.has(anchor)))
      dead.push(`${name}: ${link}`);
  }
}
console.log(`${pages.size} pages, ${dead.length} dead links`);
for (const each of dead) console.error(each);
if (dead.length > 0 || pages.size < 40) process.exitCode = 1;
