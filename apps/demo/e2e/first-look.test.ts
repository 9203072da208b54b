import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { expectSteady, watchShifts } from './support/layout-shift.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';

const { join } = scriptedDemo(25);

const tried = (page: Page): Promise<number> =>
  page.locator('[data-testid=hint][data-done=true]').count();

describe('what there is to be tried', () => {
  it('is asked for by one press, and stays until each of it was done', async () => {
    const a = await join();
    await a.page.getByRole('button', { name: 'Ask for a long story' }).click();
    await until(async () => (await a.lastText()).length > 100, 'in mid-answer');
    expect(await a.page.getByTestId('hint').count()).toBe(3);
    expect(await tried(a.page)).toBe(0);

    await a.reload();
    await untilEqual(() => tried(a.page), 1);

    await a.networkSwitch.click();
    await untilEqual(() => a.connection(), 'connecting');
    expect(await tried(a.page)).toBe(1);
    await a.networkSwitch.click();
    await untilEqual(() => tried(a.page), 2);

    const other = await a.page.context().newPage();
    await other.goto(a.page.url());
    await other.getByRole('button', { name: 'Stop' }).click();
    // All of it is done, in every tab of this browser.
    await untilEqual(() => a.page.getByTestId('hints').count(), 0);
    await untilEqual(() => other.getByTestId('hints').count(), 0);
  });

  it('can be put away', async () => {
    const a = await join();
    await a.send('Tell me a long story of 20 words');
    await a.page.getByRole('button', { name: 'Hide these hints' }).click();
    await untilEqual(() => a.page.getByTestId('hints').count(), 0);
    await a.reload();
    await untilEqual(() => a.connection(), 'online');
    expect(await a.page.getByTestId('hints').count()).toBe(0);
  });
});

it('colours are as they were chosen, from the first paint of the next page on', async () => {
  const a = await join(undefined, { colorScheme: 'light' });
  const background = () => a.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await a.page.getByRole('combobox', { name: 'Colours' }).selectOption('Dark');
  const dark = await background();
  expect(dark).not.toBe(light);
  const response = await a.page.reload();
  expect(await response?.text()).toContain('data-theme="dark"');
  expect(await background()).toBe(dark);
  await a.page.getByRole('combobox', { name: 'Colours' }).selectOption('System');
  expect(await background()).toBe(light);
});

describe('a page that is loaded in mid-answer', () => {
  it('moves nothing that it has shown', async () => {
    const a = await join(undefined, { before: watchShifts });
    for (const question of ['Show me what you can do', 'Tell me a long story of 100 words']) {
      await a.send(question);
      await untilEqual(() => a.status(), 'ready');
    }
    await a.send('Tell me a long story of 600 words');
    await until(async () => (await a.lastText()).length > 300, 'in mid-answer');
    await a.reload();
    const before = (await a.lastText()).length;
    await until(async () => (await a.lastText()).length > before + 300, 'goes on');
    await expectSteady(a.page);
  });

  it('can prove it: where it is, what it caught up with, who else is here', async () => {
    const a = await join();
    const b = await join(a.id);
    await a.send('Tell me a long story of 200 words');
    await until(async () => (await a.lastText()).length > 300, 'in mid-answer');
    await a.reload();
    await a.page.getByRole('button', { name: 'How it is done' }).click();
    const proof = (page: Page, name: string) =>
      page.locator(`[data-proof="${name}"]`).textContent();
    await until(async () => /^\d+ words in/.test((await proof(a.page, 'Caught up')) ?? ''), 'told');
    expect(await proof(a.page, 'Log')).toContain('memory');
    expect(await proof(a.page, 'Carried by')).toBe('a WebSocket');
    await untilEqual(() => proof(a.page, 'Here'), '2 participants');
    await untilEqual(() => a.status(), 'ready');
    await b.page.getByRole('button', { name: 'How it is done' }).click();
    await untilEqual(() => proof(b.page, 'Position'), await proof(a.page, 'Position'));
    await expectAccessible(a.page, 'the proof');
    await a.page.getByRole('button', { name: 'Close' }).click();
    await untilEqual(() => a.page.getByTestId('proof').isVisible(), false);
  });
});
