// What a newcomer looks at the pages with.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../root.mjs';

const patience = 600_000;

/** A browser of the machine. A device is a window of its own, with cookies of its own unless it is given some. */
export async function openBrowser() {
  const { chromium } = createRequire(join(root, 'apps/demo/server.ts'))('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  const device = async (cookies = []) => {
    const context = await browser.newContext();
    await context.addCookies(cookies);
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.setDefaultNavigationTimeout(patience);
    return page;
  };
  return { device, close: () => browser.close() };
}

async function waitFor(page, words, times) {
  const are = ([text, count]) =>
    document.querySelector('main')?.textContent.split(text).length > count;
  try {
    await page.waitForFunction(are, [words, times], { polling: 500 });
  } catch (error) {
    const shown = await page.locator('body').textContent();
    throw new Error(`unable to see "${words}" at ${page.url()}: ${error.message}\n${shown}`);
  }
}

/** Resolves with what is shown, once it has these words. */
export async function shows(page, words) {
  await waitFor(page, words, 1);
  return page.locator('main').textContent();
}

/** Resolves once these words are shown twice. */
export const showsTwice = (page, words) => waitFor(page, words, 2);

/** Types into the chat of getting started, and sends it, once the page has come to life. */
export async function ask(page, text) {
  const isAlive = () => {
    const form = document.querySelector('form');
    return form !== null && Object.keys(form).some((key) => key.startsWith('__react'));
  };
  await page.waitForFunction(isAlive, undefined, { polling: 500 });
  await page.locator('input').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}
