import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import type { ChatPage } from './support/chat-page.ts';
import { light, looking, others } from './support/looking.ts';
import { expectNarrow } from './support/narrow.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const { join, still } = scriptedDemo(20);

// A walk through many states, each in several colours.
vi.setConfig({ testTimeout: 90_000 });

const ended = (chat: ChatPage) => untilEqual(() => chat.status(), 'ready');
const toolIn = (page: Page, state: string) =>
  page.locator(`[data-testid=tool][data-state=${state}]`).last().waitFor();
const said = ({ page }: ChatPage) => page.getByTestId('announcement').textContent();
const focused = ({ page }: ChatPage) =>
  page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);

const devices: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['a desktop', light],
  ['a phone', { ...phone, ...light }],
];

it('a broken rule is found', async () => {
  const chat = await join(undefined, light);
  await chat.page.evaluate(() => document.querySelector('main')?.append(new Image()));
  await expect(expectAccessible(chat.page, 'planted')).rejects.toThrow(/image-alt/);
  // Light on black, of which forced colours leave the light.
  const half =
    '<p style="background:#000"><b style="color:#eee; forced-color-adjust:none">Half</b></p>';
  const plant = (html: string) => document.forms[0]?.insertAdjacentHTML('beforebegin', html);
  await chat.page.evaluate(plant, half);
  await expectAccessible(chat.page, 'planted', 'of colours');
  await chat.page.emulateMedia(others['in forced colours']);
  await expect(expectAccessible(chat.page, 'planted', 'of colours')).rejects.toMatchObject({
    actual: [expect.stringContaining('color-contrast: <b')],
  });
  await chat.page.emulateMedia(light);
  const wide = '<p style="position: fixed; left: 0; width: 340px">A wide one</p>';
  await chat.page.evaluate(plant, wide);
  await expect(expectNarrow(chat.page, 'planted')).rejects.toThrow(/planted, 320 px/);
});

describe.each(devices)('no rule of axe is broken on %s, in any colours,', (_, options) => {
  it('while answers are written, and by what they leave', async () => {
    const chat = await join(undefined, options);
    const { page } = chat;
    const look = looking(page, options, still);
    await page.getByText('More to ask').click();
    await look('welcome');
    await chat.send('Show me what you can do');
    await page.getByText('Thinking…').waitFor();
    await look('thinking');
    await page.getByText('Reload it in mid-answer').waitFor();
    await page.getByRole('textbox', { name: 'Your message' }).fill('And more');
    await look('writing, with something to add');
    await page.getByRole('textbox', { name: 'Your message' }).fill('');
    await ended(chat);
    await look('an answer with code and a table');
    await chat.send('What is the weather in Oslo?');
    await toolIn(page, 'input-available');
    await look('a tool at work');
    await ended(chat);
    await page.getByTestId('tool').locator('summary').click();
    await page.getByTestId('reasoning').last().locator('summary').click();
    await look('a tool and a thought, open');
    await chat.send('Book a table for two');
    await toolIn(page, 'approval-requested');
    await look('an approval');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Not booked').waitFor();
    await ended(chat);
    await look('denied');
    await chat.send('Ask the panel: should I build a boat?');
    await page.getByTestId('children').getByTestId('assistant').nth(1).waitFor();
    await look('a panel');
  });

  it('when things go wrong, and in dialogs', async () => {
    const chat = await join(undefined, options);
    const { page } = chat;
    const look = looking(page, options, still);
    await chat.send('Tell me a long story of 4000 words');
    await page.getByText('The keeper').last().waitFor();
    await chat.queue('Tell me a long story of 20 words');
    await untilEqual(async () => (await chat.queued()).length, 1);
    await look('a queue');
    await page.getByRole('textbox', { name: 'Your message' }).fill('Another one');
    await page.getByRole('button', { name: 'Send it another way' }).click();
    await look('the ways to send it');
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Your message' }).fill('');
    await page.getByRole('button', { name: /^Do not ask/ }).click();
    await untilEqual(async () => (await chat.queued()).length, 0);
    await chat.networkSwitch.click();
    await untilEqual(() => chat.connection(), 'connecting');
    await chat.send('And when it is mended?');
    await page.getByTestId('pending').waitFor();
    await look('the network is cut');
    await page.getByRole('button', { name: /^Take back/ }).click();
    await chat.networkSwitch.click();
    await untilEqual(() => chat.connection(), 'online');
    await chat.stop();
    await ended(chat);
    await look('stopped');
    await chat.send('A survey of the harbour');
    await toolIn(page, 'input-available');
    await chat.steer('In one line, please');
    await page.getByTestId('steer').waitFor();
    await look('something to be told');
    await chat.stop();
    await page.getByTestId('steer').waitFor({ state: 'detached' });
    await ended(chat);
    await chat.send('Answer with an error');
    await page.getByRole('alert').filter({ hasText: 'error' }).waitFor();
    await look('failed');
    await page.getByRole('button', { name: 'Edit this message' }).last().click();
    await look('an edit');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await chat.choose('How it is done');
    await look('how it is done');
    await page.getByTestId('proof').getByRole('button', { name: 'Close' }).click();
    await chat.choose('Open it on your phone');
    await look('the way to a phone');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    if (options.hasTouch) {
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await look('what a phone has no room for');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Show your chats' }).click();
    }
    await page.getByRole('button', { name: /^More: / }).click();
    await look('the list of chats, and what can be done to one');
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await look('a chat is renamed');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^More: / }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await look('a chat is deleted');
  });

  it('with others, on the page of an operator, and where there is nothing', async () => {
    const chat = await join(undefined, options);
    const operator = await join(chat.id, { ...options, as: 'operator' });
    await chat.send('I would like to talk to a human');
    await chat.page.getByText('has asked for a person').waitFor();
    const look = looking(chat.page, options, still);
    await look('waiting for a person');
    await operator.page.getByRole('button', { name: 'Take over' }).click();
    await chat.send('Who is it?');
    await operator.page.getByText('Who is it?').waitFor();
    await operator.send('Ann.');
    await until(async () => (await chat.lastText()) === 'Ann.', 'answered');
    await look('answered by a person');
    await looking(operator.page, options, still)('the page of an operator');
    await operator.page.goto(new URL('/chat/nothing', operator.page.url()).href);
    await looking(operator.page, options, still)('no such page');
    operator.errors.splice(0);
  });
});

describe('by the keyboard', () => {
  it('the prompt is two steps away, also on a page with many chats', async () => {
    const chat = await join();
    await chat.send('Tell me a long story of 20 words');
    await ended(chat);
    await chat.reload();
    await untilEqual(() => chat.connection(), 'online');
    await chat.page.keyboard.press('Tab');
    expect(await chat.page.getByRole('link', { name: 'Skip to your message' }).isVisible()).toBe(
      true,
    );
    await chat.page.keyboard.press('Enter');
    expect(await focused(chat)).toBe('prompt');
    expect(new URL(chat.page.url()).hash).toBe('');
  });

  it('the focus is at the prompt when what it was at is gone', async () => {
    const chat = await join();
    const { page } = chat;
    await chat.send('Tell me a long story of 600 words');
    await page.getByText('The keeper').last().waitFor();
    await page.getByRole('button', { name: 'Stop' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Stopped. What was written is kept.').waitFor();
    await untilEqual(() => focused(chat), 'prompt');

    await chat.send('Book a table for two');
    await page.getByRole('button', { name: 'Allow' }).focus();
    await page.keyboard.press('Enter');
    await untilEqual(() => focused(chat), 'prompt');

    await page.getByRole('button', { name: 'Edit this message' }).last().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await untilEqual(() => focused(chat), 'prompt');
  });

  it('what is pressed by a finger brings no keyboard up', async () => {
    const chat = await join(undefined, phone);
    const { page } = chat;
    await chat.send('Tell me a long story of 600 words');
    await page.getByText('The keeper').last().waitFor();
    await page.getByRole('button', { name: 'Stop' }).tap();
    await page.getByText('Stopped. What was written is kept.').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    expect(await focused(chat)).toBe('BODY');
  });
});

describe('to a screen reader', () => {
  it('an answer is said to be complete, once, and not while it goes on', async () => {
    const chat = await join();
    const heard = () =>
      chat.page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0));
    await chat.page.evaluate(() => {
      const region = document.querySelector('[data-testid=announcement]');
      const heard: string[] = [];
      Object.assign(window, { heard });
      new MutationObserver(() => heard.push(region?.textContent ?? '')).observe(region as Node, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    // With a tool in it, behind which it goes on.
    await chat.send('What is the weather in Oslo?');
    await untilEqual(() => said(chat), 'The answer is complete.');
    expect(await heard()).toEqual(['The answer is complete.']);
    await chat.send('Book a table for two');
    await untilEqual(() => said(chat), 'The answer waits for your approval.');
    await chat.page.getByRole('button', { name: 'Allow' }).click();
    await untilEqual(() => said(chat), 'The answer is complete.');
    await chat.send('Tell me a long story of 600 words');
    await chat.page.getByText('The keeper').last().waitFor();
    expect(await said(chat)).toBe('');
    await chat.stop();
    await chat.page.getByText('Stopped. What was written is kept.').waitFor();
    expect((await heard()).filter(Boolean)).toEqual([
      'The answer waits for your approval.',
      'The answer is complete.',
    ]);
  });
});

it('forced colours leave the switch visible, and its two states apart', async () => {
  const chat = await join(undefined, { forcedColors: 'active' });
  const shown = () =>
    chat.networkSwitch.locator('[aria-hidden] > span').evaluate((knob) => {
      const colourOf = (element: Element | null) =>
        element ? getComputedStyle(element).backgroundColor : '';
      return { knob: colourOf(knob), track: colourOf(knob.parentElement) };
    });
  const off = await shown();
  expect(off.knob).not.toBe(off.track);
  await chat.networkSwitch.click();
  await untilEqual(async () => (await shown()).track === off.track, false);
  const on = await shown();
  expect(on.knob).not.toBe(on.track);
});

it('who wants less motion gets none', async () => {
  const chat = await join(undefined, { reducedMotion: 'reduce' });
  await chat.send('What is the weather in Oslo?');
  await toolIn(chat.page, 'input-available');
  const longest = await chat.page.evaluate(() =>
    Math.max(
      0,
      ...document
        .getAnimations()
        .map(({ effect }) => Number(effect?.getComputedTiming().activeDuration ?? 0)),
    ),
  );
  expect(longest).toBeLessThan(1);
});
