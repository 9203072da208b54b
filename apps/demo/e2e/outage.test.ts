import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { ChatPage } from './support/chat-page.ts';
import { Deployed } from './support/deployed.ts';
import type { Program } from './support/program.ts';
import { until, untilEqual } from './support/until.ts';

let browser: Browser;
let demo: Deployed;
let chat: ChatPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  demo = await Deployed.begin();
});
afterEach(async () => {
  await chat?.page.context().close();
  await demo[Symbol.asyncDispose]();
});

/** An answer that a worker writes. */
async function begun(): Promise<Program> {
  const origin = await demo.startServer();
  const worker = await demo.startWorker();
  const context = await browser.newContext();
  chat = await new ChatPage(await context.newPage(), origin).open();
  await untilEqual(() => chat.connection(), 'online');
  await chat.send('Tell me a long story of 2000 words');
  await until(async () => (await chat.lastText()).length > 100, 'is being written');
  expect(await words()).toBe('Answering…');
  return worker;
}

const words = () => chat.page.getByTestId('status').textContent();
const link = () => chat.page.getByTestId('connection').getAttribute('data-link');

it('an answer whose worker has died is not said to be written on', async () => {
  const worker = await begun();
  await worker.kill();
  await until(async () => (await words())?.startsWith('Nothing of the answer') === true, 'silence');
  expect(await link()).toBe('online');
  await demo.startWorker();
  await until(async () => (await words()) === 'Answering…', 'written by another one', 60_000);
});

it('a server that has lost its Redis is not said to be well', async () => {
  await begun();
  await demo.redis.kill();
  await untilEqual(link, 'stuck');
  expect(await words()).toBe(
    'The server cannot do its work right now. The answer cannot go on till then.',
  );
});
