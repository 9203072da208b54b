import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { story } from '../lib/scripted-model/story.ts';
import { launchBrowser } from './support/browser.ts';
import { ChatPage } from './support/chat-page.ts';
import { Deployed } from './support/deployed.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

let browser: Browser;
let origin = '';
let demo: Deployed;

beforeAll(async () => {
  [demo, browser] = await Promise.all([Deployed.begin(), launchBrowser()]);
  origin = await demo.startServer();
});
afterAll(async () => {
  await browser?.close();
  await demo?.[Symbol.asyncDispose]();
});

it('an answer waits for a worker, is written by it, and by another one when that is killed', async () => {
  const desktop = await new ChatPage(await browser.newPage(), origin).open();
  const other = await new ChatPage(
    await (await browser.newContext(phone)).newPage(),
    origin,
    desktop.id,
  ).open();
  for (const chat of [desktop, other]) await untilEqual(() => chat.connection(), 'online');
  await desktop.send('Tell me a long story of 300 words');
  // There is no worker yet, and a reload does not change that the answer is to come.
  await untilEqual(() => desktop.status(), 'submitted');
  await other.reload();
  const whole = story(300);
  const first = await demo.startWorker();
  await until(async () => (await other.lastText()).length > 100, 'is being written');
  await demo.startWorker();
  await first.kill();
  const before = await other.lastText();
  for (const chat of [desktop, other]) {
    await until(async () => (await chat.lastText()) === whole, 'is whole', 90_000);
    await untilEqual(() => chat.status(), 'ready');
  }
  expect(whole.startsWith(before)).toBe(true);
  expect(await desktop.texts()).toEqual(['Tell me a long story of 300 words', whole]);
  expect([...desktop.errors, ...other.errors]).toEqual([]);
}, 150_000);

it('a stop ends an answer for which no worker has come', async () => {
  await demo.killWorkers();
  const chat = await new ChatPage(await browser.newPage(), origin).open();
  await untilEqual(() => chat.connection(), 'online');
  await chat.send('Tell me a long story of 300 words');
  await untilEqual(() => chat.status(), 'submitted');
  await chat.stop();
  await untilEqual(() => chat.status(), 'ready');
  await demo.startWorker();
  await chat.send('Tell me a long story of 20 words');
  await until(async () => (await chat.lastText()) === story(20), 'the next one is answered');
  expect(await chat.texts()).toHaveLength(3);
});
