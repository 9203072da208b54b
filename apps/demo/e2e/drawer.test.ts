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
