// The chats of docs/ui, one for each framework and one without, built and used in a browser.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { launchBrowser } from './support/browser.ts';
import { client, closeClients } from './support/clients.ts';
import { build, serve } from './support/serve.ts';

let browser: Browser;
let server: Served;
beforeAll(async () => {
  const launched = launchBrowser();
  await build('ui', 'vite build --logLevel error');
  [browser, server] = await Promise.all([launched, serve('ui', 'node server.ts')]);
});
afterAll(async () => {
  closeClients();
  await Promise.all([browser?.close(), server?.stop('SIGKILL')]);
  const dist = fileURLToPath(new URL('../ui/dist', import.meta.url));
  await rm(dist, { recursive: true, force: true });
});

/** A page of a chat, whose errors fail the test. */
async function open(chat: string, { task, onTestFinished }: TestContext): Promise<Page> {
  const page = await browser.newPage({ timezoneId: 'Asia/Tokyo' });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => line.type() === 'error' && errors.push(line.text()));
  onTestFinished(async () => {
    await page.close();
    expect(errors, task.name).toEqual([]);
  });
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(`${server.url}/${task.name}.html?chat=${chat}-${task.name}`);
  return page;
}

const frameworks = ['react', 'vue', 'svelte', 'plain'];
const shown = (page: Page) => page.getByTestId('message').allInnerTexts();
const waiting = (page: Page) => page.getByRole('listitem').allInnerTexts();
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

async function say(page: Page, text: string, button = 'Send'): Promise<void> {
  await page.getByPlaceholder('Ask').fill(text);
  await press(page, button);
}

describe('two pages show one session: its tool, its queue, a reload, a stop', () => {
  test.concurrent.for(frameworks)('%s', async (_, context) => {
    const { expect } = context;
    const [first, second] = await Promise.all([open('c1', context), open('c1', context)]);
    await expect.poll(() => first.getByRole('status').textContent()).toBe('online');
    await say(first, 'What is my time zone?');
    const begun = ['What is my time zone?', `(Asia/Tokyo) ${said}`];
    for (const page of [first, second]) await expect.poll(() => shown(page)).toEqual(begun);

    await say(first, 'Say it very slowly');
    await say(second, 'Not this', 'Ask next');
    await expect.poll(() => waiting(first)).toEqual([expect.stringMatching('Not this')]);
    await press(first, 'Remove');
    await say(second, 'And then', 'Ask next');
    await expect.poll(() => waiting(first)).toEqual([expect.stringMatching('And then')]);
    await first.reload();
    await expect.poll(async () => (await shown(first))[3]).toContain('word3');
    await press(second, 'Stop');
    // What waited is asked now.
    await expect.poll(async () => (await shown(first)).slice(4)).toEqual(['And then', said]);
    expect(await waiting(first)).toEqual([]);
    const stopped = (await shown(first))[3] ?? '';
    expect([said.startsWith(stopped), stopped.length < said.length]).toEqual([true, true]);
    await expect.poll(() => shown(second)).toEqual(await shown(first));
  });
});

describe('a steering message goes to the answer that is being written', () => {
  test.concurrent.for(frameworks)('%s', async (_, context) => {
    const { expect } = context;
    const [first, second] = await Promise.all([open('c2', context), open('c2', context)]);
    await say(first, 'Say it rather slowly');
    await say(second, 'Shorter', 'Steer');
    // The model is given it at its next step.
    for (const page of [first, second])
      await expect.poll(() => shown(page)).toEqual(['Say it rather slowly', said + said]);
    expect(await waiting(second)).toEqual([]);
  });
});

describe('older messages are loaded in front', () => {
  test.concurrent.for(frameworks)('%s', async (name, context) => {
    const { expect } = context;
    const transport = client(server.url);
    // Between people, so that no agent answers.
    for (let at = 0; at < 24; at += 1) await transport.post(`c3-${name}`, `Message ${at}`);
    const page = await open('c3', context);
    await expect.poll(async () => (await shown(page)).length).toBe(20);
    const older = page.getByRole('button', { name: 'Older messages' });
    await older.click();
    await expect.poll(async () => (await shown(page)).length).toBe(24);
    expect((await shown(page))[0]).toBe('Message 0');
    await expect.poll(() => older.count()).toBe(0);
  });
});
