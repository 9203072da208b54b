import { RedisServer } from '@holdfast/testkit/redis-harness';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { ChatPage } from './support/chat-page.ts';
import { freePort, Program } from './support/program.ts';
import { until, untilEqual } from './support/until.ts';

let browser: Browser;
let redis: RedisServer;
let programs: Program[] = [];
let chat: ChatPage;

async function start(file: string, env: Record<string, string>, ready: RegExp): Promise<Program> {
  const shared = { REDIS_URL: redis.url, WORKERS: '1', OPENAI_API_KEY: '', SCRIPT_WORD_MS: '60' };
  const program = new Program([file], { ...shared, ...env }, ready);
  programs.push(program);
  await program.start();
  return program;
}

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  redis = await RedisServer.start();
});
afterEach(async () => {
  await chat?.page.context().close();
  for (const program of programs) await program[Symbol.asyncDispose]();
  programs = [];
  await redis[Symbol.asyncDispose]();
});

/** An answer that a worker writes. */
async function begun(): Promise<Program> {
  const port = String(await freePort());
  await start('server.ts', { HOST: '127.0.0.1', PORT: port }, /demo on/);
  const worker = await start('worker.ts', {}, /worker is ready/);
  const context = await browser.newContext();
  chat = await new ChatPage(await context.newPage(), `http://127.0.0.1:${port}`).open();
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
  await start('worker.ts', {}, /worker is ready/);
  await until(async () => (await words()) === 'Answering…', 'written by another one', 60_000);
});

it('a server that has lost its Redis is not said to be well', async () => {
  await begun();
  await redis.kill();
  await untilEqual(link, 'stuck');
  expect(await words()).toBe(
    'The server cannot do its work right now. The answer cannot go on till then.',
  );
});
