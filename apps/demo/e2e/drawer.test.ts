import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const { join } = scriptedDemo(2);

async function drawerOf({ page }: ChatPage): Promise<Locator> {
  await page.getByRole('button', { name: 'Show your chats' }).click();
  const drawer = page.locator('#chats');
  await drawer.getByRole('button', { name: 'New chat' }).waitFor();
  return drawer;
}

it('the drawer of a phone closes behind whatever leads to a chat', async () => {
  const a = await join(undefined, phone);
  await a.send('Tell me a long story of 20 words');
  await untilEqual(() => a.status(), 'ready');
  const link = { name: 'Tell me a long story of 20 words' };

  // The chat that is shown already.
  const drawer = await drawerOf(a);
  await drawer.getByRole('link', link).click();
  await drawer.waitFor({ state: 'hidden' });

  await drawerOf(a);
  await drawer.getByRole('button', { name: 'New chat' }).click();
  await drawer.waitFor({ state: 'hidden' });
  await until(async () => !a.page.url().endsWith(a.id), 'in a new chat');
  await a.page.getByText('An answer that holds fast').waitFor();

  await drawerOf(a);
  await drawer.getByRole('link', link).click();
  await drawer.waitFor({ state: 'hidden' });
  await until(async () => (await a.texts()).length === 2, 'back in the chat');

  await drawerOf(a);
  await a.page.goBack();
  await drawer.waitFor({ state: 'hidden' });
  expect(await a.page.getByRole('textbox', { name: 'Your message' }).isEnabled()).toBe(true);
});

it('a chat is renamed and pinned in its list, where it stays so', async () => {
  const a = await join();
  const { page } = a;
  const names = () => page.getByRole('navigation').getByRole('link').allTextContents();
  const act = async (chat: string, label: string) => {
    await page.getByRole('button', { name: `More: ${chat}` }).click();
    await page.getByRole('menuitem', { name: label }).click();
  };
  await a.send('Tell me a long story of 20 words');
  await untilEqual(() => a.status(), 'ready');
  await act('Tell me a long story of 20 words', 'Rename');
  await page.keyboard.type('The keeper');
  await page.keyboard.press('Enter');
  await untilEqual(names, ['The keeperjust now']);
  await page.getByRole('heading', { name: 'The keeper', exact: true }).waitFor();
  expect(await page.title()).toBe('The keeper · Holdfast demo');
  await act('The keeper', 'Pin');
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByText('An answer that holds fast').waitFor();
  await a.send('What is the weather in Oslo?');
  await untilEqual(async () => (await names()).length, 2);
  expect((await names())[0]).toContain('The keeper');
  await page.reload();
  await untilEqual(async () => (await names())[0]?.startsWith('The keeper'), true);
  // Escape leaves the name as it was, and an empty one gives the question back.
  await act('The keeper', 'Rename');
  await page.keyboard.type('Another');
  await page.keyboard.press('Escape');
  expect((await names())[0]).toContain('The keeper');
  await act('The keeper', 'Rename');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Enter');
  await act('Tell me a long story of 20 words', 'Unpin');
  await untilEqual(async () => (await names())[1]?.startsWith('Tell me a long story'), true);
});
