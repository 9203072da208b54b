// Pages with the parts of UI kits, built and used in a browser.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { launchBrowser } from './support/browser.ts';
import { build, serve } from './support/serve.ts';

/** A kit by its folder, and what it calls the button that sends. */
const kits = [
  { name: 'assistant-ui', send: 'Send' },
  { name: 'ai-elements', send: 'Submit' },
];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(kits)('$name', ({ name, send }) => {
  let server: Served;
  beforeAll(async () => {
    await build(name, 'vite build --logLevel error');
    server = await serve(name, 'node ../page-server.ts');
  });
  afterAll(async () => {
    await server?.stop('SIGKILL');
    const dist = fileURLToPath(new URL(`../${name}/dist`, import.meta.url));
    await rm(dist, { recursive: true, force: true });
  });

  /** A page of a chat, and what was wrong in it. */
  async function open(chat: string): Promise<Page> {
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    onTestFinished(async () => {
      await page.close();
      expect(errors).toEqual([]);
    });
    await page.goto(`${server.url}/?chat=${chat}`);
    return page;
  }

  const shown = (page: Page): Promise<string[]> => page.getByTestId('message').allInnerTexts();
  const idle = (page: Page) => page.getByRole('button', { name: send });

  async function ask(page: Page, text: string): Promise<void> {
    await page.getByPlaceholder('Ask').fill(text);
    await idle(page).click();
  }

  test('has no page for a folder, and for what is no address, and goes on', async () => {
    const statusOf = async (path: string) => (await fetch(`${server.url}${path}`)).status;
    expect(await Promise.all(['/assets/', '//', '/none'].map(statusOf))).toEqual([404, 404, 404]);
    expect(await statusOf('/')).toBe(200);
  });

  test('shows one session in two pages, through a reload and a stop', async () => {
    const [first, second] = await Promise.all([open('c1'), open('c1')]);
    await ask(first, 'One');
    for (const page of [first, second]) await expect.poll(() => shown(page)).toEqual(['One', said]);

    await ask(first, 'Say it very slowly');
    // The other page has it in mid-answer, and may stop it.
    const stop = second.getByRole('button', { name: 'Stop' });
    await stop.waitFor();
    await first.reload();
    await expect.poll(async () => (await shown(first))[3]).toContain('word3');
    await stop.click();
    await idle(second).waitFor();
    await idle(first).waitFor();
    const [, , , answer = ''] = await shown(second);
    expect([said.startsWith(answer), answer.length < said.length]).toEqual([true, true]);
    await expect.poll(() => shown(first)).toEqual(['One', said, 'Say it very slowly', answer]);
    expect(await shown(second)).toEqual(await shown(first));
  });
});
