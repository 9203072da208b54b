import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { newSessionId } from '../../lib/session-id.ts';
import { until, untilEqual } from './until.ts';

/** A chat in a tab, as its user sees it. */
export class ChatPage {
  readonly page: Page;
  readonly id: string;
  readonly #origin: string;
  readonly errors: string[] = [];

  constructor(page: Page, origin: string, id: string = newSessionId()) {
    this.page = page;
    this.id = id;
    this.#origin = origin;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.errors.push(`${message.text()} ${message.location().url}`.trim());
    });
  }

  async open(): Promise<this> {
    await this.page.goto(`${this.#origin}/chat/${this.id}`);
    return this;
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async send(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Lets it wait for its turn. */
  async queue(text: string): Promise<void> {
    await this.sendAs('Queue', text);
  }

  /** Sends it another way than the button would, while an answer is being written. */
  async sendAs(way: string, text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send it another way' }).click();
    await this.page.getByRole('menuitem', { name: way }).click();
  }

  /** Presses what the header has a button for, or an item behind "More" where it is narrow. */
  async choose(label: string): Promise<void> {
    const more = this.page.getByRole('button', { name: 'More', exact: true });
    const isNarrow = await more.isVisible();
    if (isNarrow) await more.click();
    await this.page.getByRole(isNarrow ? 'menuitem' : 'button', { name: label }).click();
  }

  /** What waits, the next one first. */
  queued(): Promise<string[]> {
    return this.page.getByTestId('queued-text').allTextContents();
  }

  /** Tells the model something while it works. */
  async steer(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your message' }).fill(text);
    await this.page.getByRole('button', { name: 'Add now' }).click();
  }

  /** Writes a question anew. */
  async edit(from: string, to: string): Promise<void> {
    const message = this.page.locator(`[data-testid=user][data-text="${from}"]`);
    await message.getByRole('button', { name: 'Edit this message' }).click();
    const log = this.page.getByRole('log');
    await log.getByRole('textbox').fill(to);
    await log.getByRole('button', { name: 'Send', exact: true }).click();
  }

  async stop(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop' }).click();
  }

  get networkSwitch(): Locator {
    return this.page.getByRole('switch', { name: 'Cut the network' });
  }

  /** The messages in their order, as their authors wrote them. */
  async texts(): Promise<string[]> {
    const found = this.page.locator('[data-testid=user], [data-testid=assistant]');
    return await found.evaluateAll((messages) =>
      messages.map((message) => message.getAttribute('data-text') ?? ''),
    );
  }

  /** The newest answer as far as it is shown. */
  async lastText(): Promise<string> {
    return (await this.texts()).at(-1) ?? '';
  }

  status(): Promise<string | null> {
    return this.page.getByTestId('status').getAttribute('data-status');
  }

  connection(): Promise<string | null> {
    return this.page.getByTestId('connection').getAttribute('data-connection');
  }

  /** Until the newest answer shows this, and perhaps more. */
  async shows(text: string): Promise<void> {
    await until(async () => (await this.lastText()).startsWith(text), `shows "${text.slice(-20)}"`);
  }

  /** The end of every story: nothing goes on, and the chat is exactly this. */
  async holds(texts: readonly string[]): Promise<void> {
    await untilEqual(() => this.texts(), [...texts]);
    await untilEqual(() => this.status(), 'ready');
    expect(await this.texts()).toEqual(texts);
  }
}
