import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { launchBrowser } from './support/browser.ts';
import { serve } from './support/serve.ts';

const folder = fileURLToPath(new URL('../assistant-ui', import.meta.url));

let server: Served;
let browser: Browser;
beforeAll(async () => {
  const vite = join(folder, 'node_modules', '.bin', 'vite');
  await promisify(execFile)(vite, ['build', '--logLevel', 'error'], { cwd: folder });
  server = await serve('assistant-ui', 'node ../page-server.ts');
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop('SIGKILL');
  await rm(join(folder, 'dist'), { recursive: true, force: true });
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

async function ask(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder('Ask').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

test('the thread of assistant-ui shows one session in two pages, through a reload and a stop', async () => {
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
  await second.getByRole('button', { name: 'Send' }).waitFor();
  await first.getByRole('button', { name: 'Send' }).waitFor();
  const [, , , answer = ''] = await shown(second);
  expect([said.startsWith(answer), answer.length < said.length]).toEqual([true, true]);
  await expect.poll(() => shown(first)).toEqual(['One', said, 'Say it very slowly', answer]);
  expect(await shown(second)).toEqual(await shown(first));
});
