// Takes pictures of the demo in its states, for looking at: `node e2e/support/screenshots.ts`.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { newSessionId } from '../../lib/session-id.ts';
import { launchBrowser } from './browser.ts';
import { freePort, Program } from './program.ts';

const folder = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url));
await mkdir(folder, { recursive: true });

const port = await freePort();
const origin = `http://localhost:${port}`;
const env = { PORT: String(port), SCRIPT_WORD_MS: '15' };
const program = new Program(['server.ts', '--lan'], env, /demo on/);
await program.start();
const browser = await launchBrowser();

const send = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
};
const ended = (page: Page) =>
  page
    .locator('[data-testid=status][data-status=ready], [data-testid=status][data-status=error]')
    .waitFor();
const live = (page: Page) => page.locator('[data-live=true]').waitFor();

const sizes = { desktop: { width: 1280, height: 840 }, phone: { width: 390, height: 844 } };
for (const colorScheme of ['light', 'dark'] as const)
  for (const [name, viewport] of Object.entries(sizes)) {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    const shoot = (state: string) =>
      page.screenshot({ path: `${folder}${name}-${colorScheme}-${state}.png` });
    await page.goto(`${origin}/chat/${newSessionId()}`);
    await page.locator('[data-connection=online]').waitFor();
    await shoot('1-welcome');
    await send(page, 'Show me what you can do');
    await live(page);
    await page.getByText('Reload it in mid-answer').waitFor();
    await shoot('2-mid-answer');
    await ended(page);
    await shoot('3-answered');
    await send(page, 'What is the weather in Reykjavík?');
    await page.locator('[data-testid=tool][data-state=input-available]').waitFor();
    await shoot('4-tool');
    await page.locator('[data-testid=tool][data-state=output-available]').waitFor();
    await ended(page);
    await page.getByTestId('tool').locator('summary').click();
    await page.getByTestId('reasoning').last().locator('summary').click();
    await shoot('5-tool-open');
    const other = await (await browser.newContext({ viewport: sizes.phone })).newPage();
    await other.goto(page.url());
    await other.locator('[data-connection=online]').waitFor();
    await other.getByRole('textbox', { name: 'Your message' }).pressSequentially('And in Oslo?');
    await page.getByText(/is typing/).waitFor();
    await shoot('5-typing');
    await other.context().close();
    await send(page, 'Book a table for two');
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await shoot('5-approval');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Not booked').waitFor();
    await ended(page);
    await send(page, 'Ask the panel: should I build a boat?');
    await page.getByTestId('children').getByTestId('assistant').nth(1).waitFor();
    await shoot('5-panel');
    await ended(page);
    await send(page, 'Plan a trip to the islands');
    await page.getByText('The ferries').waitFor();
    await shoot('5-trip');
    await page.getByText('To pack').waitFor();
    await page.locator('[data-live=true]').waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Who is to answer' }).selectOption('Skeptic');
    await send(page, 'Is that wise?');
    await ended(page);
    await shoot('5-skeptic');
    await page.getByRole('combobox', { name: 'Who is to answer' }).selectOption('Assistant');
    await send(page, 'Tell me a long story of 600 words');
    await page.getByText('The keeper').last().waitFor();
    await page.getByRole('switch', { name: 'Cut the network' }).click();
    await page.locator('[data-connection=connecting]').waitFor();
    await send(page, 'And when it is mended?');
    await page.getByTestId('pending').waitFor();
    await page.getByRole('textbox', { name: 'Your message' }).fill('Or another way');
    await shoot('6-cut');
    await page.getByRole('textbox', { name: 'Your message' }).fill('');
    await page.getByRole('button', { name: /^Take back/ }).click();
    await page.getByRole('switch', { name: 'Cut the network' }).click();
    await page.locator('[data-connection=online]').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await ended(page);
    await shoot('7-stopped');
    await send(page, 'Answer with an error');
    await page.getByRole('alert').filter({ hasText: 'error' }).waitFor();
    await shoot('8-error');
    await page.getByRole('button', { name: 'Edit this message' }).last().click();
    await shoot('9-edit');
    await page.getByRole('button', { name: 'Cancel' }).click();
    if (name === 'phone') {
      await page.getByRole('button', { name: 'Show your chats' }).click();
      await shoot('10-chats');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'More' }).click();
      await shoot('10-more');
      await page.getByRole('menuitem', { name: 'Delete this chat' }).click();
    } else {
      await page.getByRole('button', { name: 'Open it on your phone' }).click();
      await shoot('10-phone');
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Delete this chat' }).click();
    }
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await shoot('10-deleted');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.goto(`${origin}/chat/${newSessionId()}`);
    await page.locator('[data-connection=online]').waitFor();
    await send(page, 'long '.repeat(2_000));
    await ended(page);
    await page.getByTestId('user').scrollIntoViewIfNeeded();
    await shoot('11-folded');
    await send(page, 'I would like to talk to a human');
    await page.getByText('has asked for a person').waitFor();
    await shoot('12-waits-for-a-person');
    const operator = await page.context().newPage();
    await operator.goto(page.url().replace('/chat/', '/operator/'));
    await operator.getByRole('button', { name: 'Take over' }).click();
    await operator.getByText('You answer now').waitFor();
    await send(operator, 'Ann here. What is it?');
    await page.getByText('Ann here.').waitFor();
    await shoot('12-a-person');
    await operator.screenshot({ path: `${folder}${name}-${colorScheme}-12-operator.png` });
    await operator.close();
    await page.goto(`${origin}/chat/nothing`);
    await shoot('13-nothing');
    await context.close();
  }

// Of a very long answer, who comes late has the end.
const reader = await browser.newPage();
await reader.goto(`${origin}/chat/${newSessionId()}`);
await reader.locator('[data-connection=online]').waitFor();
await send(reader, 'Write me a novel');
await reader.locator('[data-testid=status][data-status=streaming]').waitFor();
await ended(reader);
for (const [name, viewport] of Object.entries(sizes)) {
  const late = await browser.newPage({ viewport });
  await late.goto(reader.url());
  await late.getByRole('button', { name: 'load all of it' }).scrollIntoViewIfNeeded();
  await late.screenshot({ path: `${folder}${name}-light-14-end-of-a-novel.png` });
}
await browser.close();
await program.stop();
console.log(folder);
