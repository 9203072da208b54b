// The newcomer's hour: each stage follows a page, to the letter.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workOf } from '../../apps/demo/e2e/support/work.ts';
import { freePort } from '../../hosts/harness/served.ts';
import { RedisServer } from '../../packages/testkit/src/redis-harness.ts';
import { packInto, published } from '../pack.mjs';
import { output } from '../process.mjs';
import { root } from '../root.mjs';
import { ask, openBrowser, shows, showsTwice } from './devices.mjs';
import * as documents from './documents.mjs';
import { newcomer } from './newcomer.mjs';
import { startRegistry } from './registry.mjs';

/** The last words of what a made app says without a key: `template/lib/model.ts` of create-holdfast. */
const beginning = 'Reload the page now';
const ending = 'ask again.';

/** The longest task of a page that comes back to a chat, in ms of processor time. */
const longestMs = 100;

const names = {
  prepare: 'an empty folder, a registry with the packages',
  demo: 'README: two commands to the demo',
  create: 'getting started: one command to an app of one’s own',
};

/** Steps for `runSteps`. The packages have to be built, and Chromium and Redis to be found. */
export function hourStages() {
  const commands = documents.demoCommands();
  const repository = /^git clone (\S+)/.exec(commands)?.[1] ?? '';
  const world = {};

  const prepare = async () => {
    const upstream = `${output('npm', ['config', 'get', 'registry']).replace(/\/$/, '')}/`;
    world.guest = newcomer({ repository });
    const archives = packInto(join(world.guest.folder, 'packed'), published);
    world.registry = await startRegistry(archives, upstream);
    world.browser = await openBrowser();
    world.upstream = { npm_config_registry: upstream, pnpm_config_registry: upstream };
    world.env = { npm_config_registry: world.registry.url, ...world.guest.withNewerNode };
    return 0;
  };

  const leave = async () => {
    await world.browser?.close();
    await world.redis?.[Symbol.asyncDispose]();
    await world.guest?.leave();
    world.registry?.close();
    return 0;
  };

  return [
    { name: names.prepare, run: prepare },
    { name: names.demo, needs: [names.prepare], run: () => demo(world) },
    { name: 'the demo: a reload in mid-answer', needs: [names.demo], run: () => reload(world) },
    { name: names.create, needs: [names.prepare], run: () => create(world) },
    { name: 'a second device sees the same', needs: [names.create], run: () => second(world) },
    { name: 'deploying: a restart in mid-answer', needs: [names.create], run: () => deploy(world) },
    { name: 'three lines and one of a chat', needs: [names.prepare], run: () => swap(world) },
    { name: 'leaving', run: leave },
  ];
}

const send = async (page, text) => {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
};

async function demo(world) {
  const { guest, upstream, browser } = world;
  const folder = guest.empty('demo');
  const { said, group } = await guest.serve(documents.demoCommands(), folder, {
    env: upstream,
    prints: /On this computer +(http:\/\/localhost:\d+)/,
  });
  const page = await browser.device();
  await page.goto(said);
  await send(page, 'Tell me a story');
  await page.locator('[data-testid=assistant]').first().waitFor();
  Object.assign(world, { chat: page, demo: group });
  return 0;
}

/** A chat that is as long as it gets: what it takes of a processor is told, whatever else the machine does. */
async function reload({ chat, demo }) {
  const status = (is) => chat.locator(`[data-testid=status][data-status=${is}]`).waitFor();
  const live = chat.locator('[data-live=true]');
  const written = (words) => live.getByText(words, { exact: true }).waitFor();
  await status('ready');
  for (const question of ['Show me what you can do', 'Write me a novel']) {
    await send(chat, question);
    await status('streaming');
    await status('ready');
  }
  await send(chat, 'Tell me a long story of 600 words');
  await written('Part 2');
  const work = await workOf(chat, async () => {
    await chat.reload();
    await written('Part 3');
  });
  console.log(`  its longest task took ${Math.round(work.longestMs)} ms, ${longestMs} at most`);
  await chat.context().close();
  await demo.kill();
  return work.longestMs > longestMs ? 1 : 0;
}

async function create(world) {
  const { guest, env, browser } = world;
  const folder = guest.empty('apps');
  const command = documents.createCommand();
  const { said, group } = await guest.serve(command, folder, {
    env: { ...env, npm_config_yes: 'true' },
    prints: /Local: +(http:\/\/localhost:\d+)/,
  });
  const page = await browser.device();
  await page.goto(said);
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.waitForURL('**/chat/*');
  await ask(page, 'Hello');
  await shows(page, beginning);
  // By a socket, and not over HTTP in its place.
  if (!group.output().includes('holdfast: sockets on port')) throw new Error(group.output());
  await shows(page, 'online');
  Object.assign(world, { app: join(folder, command.split(' ').at(-1)), page, development: group });
  return 0;
}

/** The same visitor on another device. */
async function sameVisitor({ browser, page }) {
  const other = await browser.device(await page.context().cookies());
  await other.goto(page.url());
  return other;
}

async function second(world) {
  const { page } = world;
  await shows(page, ending);
  const other = await sameVisitor(world);
  await shows(other, ending);
  await ask(page, 'Once more');
  await other.getByRole('button', { name: 'Stop' }).waitFor();
  for (const each of [page, other]) await showsTwice(each, ending);
  const [here, there] = await Promise.all([shows(page, ending), shows(other, ending)]);
  if (here !== there) throw new Error(`unable to see the same:\n${here}\n—\n${there}`);
  await other.context().close();
  await world.development.kill();
  return 0;
}

async function deploy(world) {
  const { guest, app, page } = world;
  world.redis = await RedisServer.start({ appendfsync: 'everysec' });
  const [port, gateway] = [await freePort(), await freePort()];
  const settings = documents.deploySettings();
  const origin = `http://localhost:${port}`;
  await guest.run('npm run build', app, {
    ...guest.withNewerNode,
    [settings.build]: `ws://localhost:${gateway}/holdfast`,
  });
  const env = {
    ...guest.withNewerNode,
    [settings.start]: origin,
    REDIS_URL: world.redis.url,
    PORT: String(port),
    HOLDFAST_PORT: String(gateway),
  };
  const up = { env, prints: /holdfast: sockets on port (\d+)/ };
  const first = await guest.serve(documents.startCommand(), app, up);
  await page.goto(`${origin}/chat/${crypto.randomUUID()}`);
  const other = await sameVisitor(world);
  for (const each of [page, other]) await shows(each, 'online');
  await ask(page, 'Hello');
  await shows(other, 'There is no OPENAI_API_KEY');
  first.group.signal('SIGTERM');
  await first.group.ended;
  if (!first.group.output().includes('1 answer is being written'))
    throw new Error(`unable to restart in mid-answer:\n${first.group.output()}`);
  await guest.serve(documents.startCommand(), app, up);
  for (const each of [page, other]) await shows(each, ending);
  await page.reload();
  await shows(page, ending);
  // The next one is answered by the new process, in pages that have stayed.
  await ask(page, 'Are you there?');
  await showsTwice(other, ending);
  await Promise.all([page.context().close(), other.context().close()]);
  return 0;
}

/** An app by the AI SDK's own pages, to which docs/hosts/next.md is done. */
async function swap({ guest, env, browser }) {
  const folder = guest.empty('stock');
  const stock = join(root, 'examples/next-swap/before');
  const files = ['app/layout.tsx', 'app/page.tsx', 'app/api/chat/route.ts', 'lib/user.ts'];
  for (const file of [...files, 'package.json', 'tsconfig.json', 'next.config.ts'])
    cpSync(join(stock, file), join(folder, file), { recursive: true });
  cpSync(join(root, 'examples/model.ts'), join(folder, 'lib/model.ts'));
  await guest.run(documents.installCommand(), folder, env);

  const route = join(folder, 'app/api/chat/[[...path]]/route.ts');
  rmSync(join(folder, 'app/api/chat/route.ts'));
  mkdirSync(dirname(route), { recursive: true });
  writeFileSync(route, documents.swappedRoute());
  const [imported, transport] = documents.swappedTransport();
  const text = readFileSync(join(folder, 'app/page.tsx'), 'utf8')
    .replace(/^import \{ DefaultChatTransport \}.*$/m, imported)
    .replace(/^const transport = .*$/m, transport);
  writeFileSync(join(folder, 'app/page.tsx'), text);

  const port = await freePort();
  const { said, group } = await guest.serve('npm run dev', folder, {
    env: { ...env, PORT: String(port) },
    prints: /Local: +(http:\/\/localhost:\d+)/,
  });
  const page = await browser.device([{ name: 'user', value: 'ann', url: said }]);
  await page.goto(said);
  await ask(page, 'Say it slowly');
  await shows(page, 'word3');
  // Cut off in mid-answer: it goes on where it was.
  await page.context().setOffline(true);
  await page.context().setOffline(false);
  await shows(page, 'word59');
  await page.context().close();
  await group.kill();
  return 0;
}
