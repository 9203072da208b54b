import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { defineConfig } from 'vitepress';
import { anchorOf } from '../../scripts/docs/anchors.mjs';
import { contents, decisions, siteOf } from '../../scripts/docs/contents.mjs';
import { linkFrom, repositoryPage } from '../../scripts/docs/links.mjs';
import { root } from '../../scripts/root.mjs';
import { writeTexts } from '../llms.mjs';

/** The address of a page; undefined for what is not on the site. */
function address(file) {
  const page = siteOf(file);
  return page === undefined ? undefined : `/${page.replace(/(^|\/)index$/, '$1')}`;
}

const itemOf = ({ title: text, file }) => ({ text, link: linkFrom('', file, address) });

const sections = contents().map(({ title, pages }) => ({
  text: title,
  collapsed: false,
  items: pages.map(itemOf),
}));

/** Those who look for a reason. They are many, and come last. */
const reasons = { text: 'Decisions', collapsed: true, items: decisions().map(itemOf) };

/** Pictures by their theme: here readers can switch it, and a `media` knows only that of their system. */
function pictured(html) {
  const [, alt] = /<img (alt="[^"]*")/.exec(html) ?? [];
  return html
    .replace(
      /<source media="[^"]*dark\)" srcset="([^"]+)">/,
      `<img class="dark-only" ${alt} src="$1">`,
    )
    .replace(/<img alt=/, html.includes('<source') ? '<img class="light-only" alt=' : '<img alt=')
    .replaceAll(/ src="(?![\w+]+:|[./])/g, ' src="./');
}

/** Pages link to each other as files do, and to files that are no pages. */
function linked(markdown) {
  markdown.core.ruler.push('links', ({ tokens, env }) => {
    const file = relative(root, env.realPath ?? env.path);
    for (const token of tokens)
      if (token.type === 'html_block') token.content = pictured(token.content);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const link = token.type === 'link_open' ? token.attrGet('href') : null;
      if (link !== null) token.attrSet('href', linkFrom(file, decodeURI(link), address));
    }
  });
}

/** What of the repository has no page. */
const others = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => name !== 'docs' && name !== 'PROTOCOL.md')
  .map((each) => (each.isDirectory() ? `${each.name}/**` : each.name));

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#3451b2"/><path d="M5 4v8M11 4v8M5 8h6" stroke="#fff" stroke-width="2"/></svg>';

/** Pages lie outside of this folder, and would look for it in theirs while they are rendered. */
const ownVue = {
  name: 'own-vue',
  enforce: 'pre',
  resolveId: (name, _, { ssr }) =>
    ssr && /^vue(\/server-renderer)?$/.test(name) ? { id: name, external: true } : undefined,
};

export default defineConfig({
  title: 'Holdfast',
  description: 'Durable chat sessions for the Vercel AI SDK',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '..',
  srcExclude: others,
  rewrites: (file) => {
    const page = siteOf(file);
    return page === undefined ? file : `${page}.md`;
  },
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  vite: {
    plugins: [ownVue],
    build: { chunkSizeWarningLimit: 4_000 },
  },
  markdown: {
    anchor: { slugify: anchorOf },
    config: linked,
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // Who asks wants a guide first: of each member there are as many hits as it has uses.
          searchOptions: {
            boostDocument: (id) =>
              /\/(reference|decisions)\//.test(id) ? 0.1 : /\/protocol/.test(id) ? 0.3 : 1,
          },
        },
      },
    },
    nav: [
      ...sections.slice(0, 3).map(({ text, items }) => ({ text, link: items[0].link })),
      { text: 'Reference', link: address('docs/server.md') },
    ],
    sidebar: [...sections, reasons],
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repositoryPage }],
    editLink: { pattern: `${repositoryPage}/edit/main/:path`, text: 'Edit this page' },
  },
  buildEnd: ({ outDir }) => writeTexts(outDir),
});
