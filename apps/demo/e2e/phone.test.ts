import type { Browser, BrowserContextOptions } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { networkAddresses } from '../lib/network-addresses.ts';
import { launchBrowser } from './support/browser.ts';
import { ChatPage } from './support/chat-page.ts';
import { freePort, Program } from './support/program.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const [address] = networkAddresses();

let browser: Browser;
let program: Program | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await program?.[Symbol.asyncDispose]();
});

async function start(...args: readonly string[]): Promise<number> {
  const port = await freePort();
  const env = { PORT: String(port), HOST: '', REDIS_URL: '', OPENAI_API_KEY: '' };
  program = new Program(['server.ts', ...args], { ...env, SCRIPT_WORD_MS: '1' }, /Ctrl-C ends it/);
  await program.start();
  return port;
}

async function open(origin: string, id?: string, options?: BrowserContextOptions) {
  const context = await browser.newContext(options);
  const chat = await new ChatPage(await context.newPage(), origin, id).open();
  await untilEqual(() => chat.connection(), 'online');
  return chat;
}

const dialogOf = async ({ page }: ChatPage) => {
  await page.getByRole('button', { name: 'Open it on your phone' }).click();
  return page.getByRole('dialog', { name: 'Open it on your phone' });
};

/** What the page has for its clipboard, by pasting it. */
async function pasted({ page }: ChatPage): Promise<string> {
  const prompt = page.getByRole('textbox', { name: 'Your message' });
  await prompt.fill('');
  await prompt.press('ControlOrMeta+v');
  return await prompt.inputValue();
}

it('the page says that the server listens to this computer only, and how a phone gets in', async () => {
  const port = await start();
  const chat = await open(`http://localhost:${port}`);
  const dialog = await dialogOf(chat);
  await dialog.getByText('npm run demo -- --lan').waitFor();
  expect(await dialog.getByRole('img').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(chat.errors).toEqual([]);
});

it.runIf(address)('with --lan it shows the address and a code, and the phone follows', async () => {
  const port = await start('--lan');
  const chat = await open(`http://localhost:${port}`);
  const dialog = await dialogOf(chat);
  const url = `http://${address}:${port}/chat/${chat.id}`;
  expect(await dialog.getByTestId('address').textContent()).toBe(url);
  const code = dialog.getByRole('img', { name: /camera/ });
  const modules = encode(url, { border: 4 }).data.flat().filter(Boolean).length;
  expect((await code.locator('path').last().getAttribute('d'))?.match(/M/g)).toHaveLength(modules);
  await dialog.getByRole('button', { name: 'Close' }).click();

  const other = await open(`http://${address}:${port}`, chat.id, phone);
  expect(await other.page.evaluate(() => isSecureContext)).toBe(false);
  await other.send('Tell me a long story of 20 words');
  await until(async () => (await chat.texts()).length === 2, 'followed');
  await untilEqual(() => other.status(), 'ready');
  await untilEqual(() => other.texts(), await chat.texts());
  expect([...chat.errors, ...other.errors]).toEqual([]);
});

it.runIf(address)('copies over plain HTTP, also from a dialog and a block of code', async () => {
  const port = await start('--lan');
  const chat = await open(`http://${address}:${port}`);
  await chat.send('Show me what you can do');
  await untilEqual(() => chat.status(), 'ready');
  const answer = chat.page.getByTestId('assistant');
  await answer.getByRole('button', { name: 'Copy', exact: true }).last().click();
  await answer.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await pasted(chat)).toBe(await chat.lastText());
  await answer.locator('[data-streamdown=code-block]').getByRole('button').first().click();
  await until(async () => (await pasted(chat)).startsWith('const transport'), 'the code');
  const dialog = await dialogOf(chat);
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByRole('button', { name: 'Copied' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  expect(await pasted(chat)).toBe(`http://${address}:${port}/chat/${chat.id}`);
});

it('says that it has not copied where the browser forbids it', async () => {
  const port = await start();
  const chat = await open(`http://localhost:${port}`);
  await chat.page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    document.execCommand = () => false;
  });
  await chat.send('Tell me a long story of 20 words');
  await untilEqual(() => chat.status(), 'ready');
  await chat.page.getByTestId('assistant').getByRole('button', { name: 'Copy' }).click();
  await chat.page.getByText('Not copied: the browser forbids it').waitFor();
});
