import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { story } from '../lib/scripted-model/story.ts';
import { launchBrowser } from './support/browser.ts';
import { ChatPage } from './support/chat-page.ts';
import { freePort, Program } from './support/program.ts';
import { until, untilEqual } from './support/until.ts';

let browser: Browser;

/** Pages are compiled when they are asked for. */
const compileMs = 120_000;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** The demo as `npm run demo` starts it: no key, no Redis, one process. */
async function start(...args: string[]): Promise<{ program: Program; origin: string }> {
  const port = await freePort();
  const env = { HOST: '127.0.0.1', PORT: String(port), REDIS_URL: '', OPENAI_API_KEY: '' };
  const program = new Program(['server.ts', ...args], env, /demo on/);
  await program.start();
  return { program, origin: `http://127.0.0.1:${port}` };
}

/** An answer that is reloaded in the middle, and then another one. */
async function streamsAndSurvives(chat: ChatPage): Promise<void> {
  const prompt = 'Tell me a long story of 120 words';
  const text = story(120);
  await chat.send(prompt);
  // In development the route is compiled for its first request.
  await until(async () => (await chat.lastText()).length > 100, 'streams', compileMs);
  await chat.reload();
  await chat.holds([prompt, text]);
  await chat.send(prompt);
  await chat.holds([prompt, text, prompt, text]);
}

describe('one process with its memory', () => {
  it('streams an answer, which survives a reload', async () => {
    const { program, origin } = await start();
    await using _ = program;
    const chat = await new ChatPage(await browser.newPage(), origin).open();
    await streamsAndSurvives(chat);
    expect(chat.errors).toEqual([]);
    await chat.page.close();
  });

  it('shows reasoning and a tool at work, also after a reload in its middle', async () => {
    const { program, origin } = await start();
    await using _ = program;
    const chat = await new ChatPage(await browser.newPage(), origin).open();
    await chat.send('What is the weather in Lisbon?');
    const tool = chat.page.getByTestId('tool');
    await untilEqual(() => tool.getAttribute('data-state'), 'input-available');
    await chat.reload();
    await untilEqual(() => tool.getAttribute('data-state'), 'output-available');
    await untilEqual(() => chat.status(), 'ready');
    await until(async () => (await chat.lastText()).endsWith('🧥'), 'ends');
    expect(await chat.page.getByTestId('reasoning').count()).toBe(1);
    expect(await tool.count()).toBe(1);
    expect(chat.errors).toEqual([]);
    await chat.page.close();
  });

  it('tells of a model that fails, and lets the user try again', async () => {
    const { program, origin } = await start();
    await using _ = program;
    const chat = await new ChatPage(await browser.newPage(), origin).open();
    await chat.send('Answer with an error');
    const alert = chat.page.getByRole('alert').filter({ hasText: 'error' });
    await alert.waitFor();
    expect(await alert.textContent()).not.toContain('scripted model');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await untilEqual(() => chat.status(), 'error');
    expect(await chat.texts()).toHaveLength(2);
    await chat.page.close();
  });

  it(
    'does the same in development, where React mounts everything twice',
    async () => {
      const { program, origin } = await start('--dev');
      await using _ = program;
      const page = await browser.newPage();
      page.setDefaultNavigationTimeout(compileMs);
      const chat = await new ChatPage(page, origin).open();
      await streamsAndSurvives(chat);
      await page.close();
    },
    2 * compileMs,
  );
});
