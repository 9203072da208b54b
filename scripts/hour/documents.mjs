// The commands and the files that a newcomer finds on the pages, as they stand there: a page that lies fails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../docs/blocks.mjs';
import { root } from '../root.mjs';

/** A block without the comments behind its commands. */
const commandsIn = (code) => code.replaceAll(/ +# .*$/gm, '').trim();

function block(page, words) {
  const found = blocksOf(page).find(({ code }) => words.test(code));
  if (!found) throw new Error(`unable to follow ${page}: no block says ${words}`);
  return found;
}

function words(page, pattern) {
  const found = pattern.exec(readFileSync(join(root, page), 'utf8'))?.[1];
  if (!found) throw new Error(`unable to follow ${page}: nothing there says ${pattern}`);
  return found;
}

const started = 'docs/getting-started.md';

/** The README's two commands, from nothing to the demo. */
export const demoCommands = () => commandsIn(block('README.md', /^git clone /).code);

/** One command, from nothing to an app of one's own. */
export const createCommand = () => words(started, /`(npm create holdfast\S* \S+)`/);

/** What an app that is there installs. */
export const installCommand = () =>
  words(started, /^(npm install @holdfast\/server @holdfast\/client)$/m);

/** The route of an app that has a chat, which has moved into a folder. */
export const swappedRoute = () => block('docs/hosts/next.md', /wrapRoute\(answer/).code;

/** What its page has in the place of the SDK's transport. */
export const swappedTransport = () =>
  block('docs/hosts/next.md', /^import \{ createChatTransport \}/)
    .code.trim()
    .split(/\n+/);

/** How a built app is started, so that a signal reaches it. */
export const startCommand = () =>
  JSON.parse(words('docs/deploy.md', /^CMD (\[.*next.*\])$/m)).join(' ');

/** The settings of a build and of a start whose sockets have a port of their own. */
export function deploySettings() {
  const { code } = block('docs/deploy.md', /npm run build\n.*npm start/);
  const names = [...code.matchAll(/^(\w+)=\S+ npm/gm)].map(([, name]) => name);
  if (names.length !== 2) throw new Error('unable to follow docs/deploy.md: no two settings');
  return { build: names[0], start: names[1] };
}
