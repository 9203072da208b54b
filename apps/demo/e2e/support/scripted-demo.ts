import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { freePort, Program } from './program.ts';
import { untilEqual } from './until.ts';

export interface JoinOptions extends BrowserContextOptions {
  /** @default 'chat' */
  readonly as?: 'chat' | 'operator';
  /** Runs in the page before anything of it does. */
  readonly before?: () => void;
}

/**
 * The demo as `npm run demo` starts it, for the tests of a file: a scripted model that takes so long for a
 * word, sessions in memory. `join` opens a chat in a browser of its own; no page may meet an error.
 */
export function scriptedDemo(wordMs: number): {
  readonly join: (id?: string, options?: JoinOptions) => Promise<ChatPage>;
  /** Opens another page than a chat, such as `/split`. */
  readonly visit: (path: string, options?: JoinOptions) => Promise<ChatPage>;
  /** Lets nothing go on but what pages do by themselves while somebody looks, some seconds at most. */
  readonly still: (look: () => Promise<void>) => Promise<void>;
} {
  let browser: Browser;
  let program: Program;
  let origin = '';
  let pages: ChatPage[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const env = { HOST: '127.0.0.1', PORT: String(port), REDIS_URL: '', OPENAI_API_KEY: '' };
    program = new Program(['server.ts'], { ...env, SCRIPT_WORD_MS: String(wordMs) }, /demo on/);
    await program.start();
  });
  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    const open = pages;
    pages = [];
    for (const { page } of open) await page.context().close();
    expect(open.flatMap(({ errors }) => errors)).toEqual([]);
  });
  const open = async (
    { as: _, before, ...options }: JoinOptions,
    pathOf: (chat: ChatPage) => string,
    id?: string,
  ) => {
    const context = await browser.newContext(options);
    const chat = new ChatPage(await context.newPage(), origin, id);
    pages.push(chat);
    if (before) await chat.page.addInitScript(before);
    await chat.page.goto(`${origin}${pathOf(chat)}`);
    return chat;
  };
  return {
    join: async (id, options = {}) => {
      const chat = await open(options, (opened) => `/${options.as ?? 'chat'}/${opened.id}`, id);
      await untilEqual(() => chat.connection(), 'online');
      return chat;
    },
    visit: (path, options = {}) => open(options, () => path),
    still: async (look) => {
      program.pause();
      try {
        await look();
      } finally {
        program.resume();
      }
    },
  };
}
