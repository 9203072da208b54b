import type { BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import { ChatPage } from './chat-page.ts';
import type { Stage } from './stage.ts';
import { untilEqual } from './until.ts';

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
};

/** Pages of chats, each in a browser of its own, as another person or device has it. */
export class Visitors {
  readonly #stage: () => Stage;
  #pages: ChatPage[] = [];

  constructor(stage: () => Stage) {
    this.#stage = stage;
  }

  get pages(): readonly ChatPage[] {
    return this.#pages;
  }

  /** A page that is not open yet. */
  async prepare(id?: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const { browser, origin } = this.#stage();
    const context = await browser.newContext(options);
    const chat = new ChatPage(await context.newPage(), origin, id);
    this.#pages.push(chat);
    return chat;
  }

  async join(id?: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const chat = await this.prepare(id, options);
    await chat.open();
    await untilEqual(() => chat.connection(), 'online');
    return chat;
  }

  /** The same person, in another tab or on another device where they are signed in. */
  async again(chat: ChatPage): Promise<ChatPage> {
    return await this.join(chat.id, { storageState: await chat.page.context().storageState() });
  }

  /** Closes all pages; none of them may have met an error. */
  async leave(): Promise<void> {
    const open = this.#pages;
    this.#pages = [];
    for (const chat of open) await chat.page.context().close();
    expect(open.flatMap(({ errors }) => errors)).toEqual([]);
  }
}
