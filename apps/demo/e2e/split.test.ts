import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { expectSteady, watchShifts } from './support/layout-shift.ts';
import { type JoinOptions, scriptedDemo } from './support/scripted-demo.ts';
import { SplitPage } from './support/split-page.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

// A word of a slow story takes three times as long.
const { visit } = scriptedDemo(25);

const open = async (options?: JoinOptions): Promise<SplitPage> =>
  new SplitPage((await visit('/split', options)).page);

describe('by itself', () => {
  it('it plays once: cut, back in one piece, reloaded, stopped from the phone', async () => {
    const split = await open({ before: watchShifts });
    await split.reaches('cut');
    await untilEqual(() => split.link('phone'), 'cut');
    const cutAt = await split.text('phone');
    await until(async () => (await split.waiting()) >= 10, 'words wait');
    expect(await split.text('phone')).toBe(cutAt);
    expect((await split.text('laptop')).startsWith(cutAt)).toBe(true);

    await split.reaches('even');
    await split.device('phone').getByTestId('caught-up').waitFor();
    expect(await split.device('phone').locator('mark').count()).toBeGreaterThan(0);
    expect((await split.text('phone')).startsWith(cutAt)).toBe(true);
    const before = await split.text('laptop');

    await split.reaches('restored');
    expect((await split.text('laptop')).startsWith(before)).toBe(true);

    await split.reaches('over');
    const said = await split.text('laptop');
    expect(said.length).toBeGreaterThan(before.length);
    expect(await split.text('phone')).toBe(said);
    expect(await split.of('phone', 'entry')).toBe(await split.of('laptop', 'entry'));
    expect(await split.of('laptop', 'entry')).toBeGreaterThan(await split.of('laptop', 'words'));
    expect(await split.model()).toBe('off');
    await expectSteady(split.page);

    // It is a session as any other, and has exactly that.
    await split.page.getByRole('link', { name: 'Open this chat' }).click();
    const answer = split.page.locator('[data-testid=assistant]');
    await untilEqual(() => answer.getAttribute('data-text'), said);
  });

  it('it plays again when that is asked for, in a session of its own', async () => {
    const split = await open();
    const chat = split.page.getByRole('link', { name: 'Open this chat' });
    await split.reaches('writing');
    const first = await chat.getAttribute('href');
    await split.page.getByRole('button', { name: 'Play it again' }).click();
    await split.reaches('writing');
    expect(await chat.getAttribute('href')).not.toBe(first);
    await split.reaches('cut');
  });
});

describe('in the hands of its visitor', () => {
  it('every control does what it says, and nothing happens by itself any more', async () => {
    const split = await open();
    await split.reaches('writing');
    await split.flip('laptop');
    expect(await split.beat()).toBe('yours');
    await untilEqual(() => split.link('laptop'), 'cut');
    const cutAt = await split.text('laptop');
    await split.press('phone', 'Reload');
    await until(async () => (await split.of('phone', 'words')) > 40, 'the phone goes on');
    expect(await split.text('laptop')).toBe(cutAt);
    await split.flip('laptop');
    await split.device('laptop').getByTestId('caught-up').waitFor();
    await split.press('laptop', 'Stop');
    await untilEqual(() => split.model(), 'off');
    await untilEqual(() => split.text('phone'), await split.text('laptop'));
    expect(await split.beat()).toBe('yours');
    await split.press('laptop', 'Ask');
    await untilEqual(() => split.model(), 'on');
    await split.press('phone', 'Stop');
    await untilEqual(() => split.model(), 'off');
  });

  it('a stop that is pressed at a cut device is done when its cable is back', async () => {
    const split = await open();
    await split.reaches('writing');
    await split.flip('phone');
    await untilEqual(() => split.link('phone'), 'cut');
    await split.press('phone', 'Stop');
    await split.device('phone').getByRole('button', { name: 'Stopping' }).waitFor();
    const words = await split.of('laptop', 'words');
    await until(async () => (await split.of('laptop', 'words')) > words + 5, 'it goes on');
    expect(await split.model()).toBe('on');
    await split.flip('phone');
    await untilEqual(() => split.model(), 'off');
    await untilEqual(() => split.text('phone'), await split.text('laptop'));
  });
});

describe('to those who want no motion', () => {
  it('it is five pictures, and asks nobody anything until it is told to', async () => {
    const split = await open({ reducedMotion: 'reduce' });
    const { page } = split;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('websocket', (socket) => asked.push(socket.url()));
    await untilEqual(() => page.getByTestId('still').count(), 5);
    await expectAccessible(page, 'pictures');
    expect(asked.filter((url) => /holdfast|api\/chat/.test(url))).toEqual([]);
    await page.getByRole('button', { name: 'Play it here' }).click();
    await split.reaches('writing');
  });
});

const looks: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['a desktop, light', { colorScheme: 'light' }],
  ['a desktop, dark', { colorScheme: 'dark' }],
  ['a phone, light', { ...phone, colorScheme: 'light' }],
  ['a phone, dark', { ...phone, colorScheme: 'dark' }],
];

it('no rule of axe is broken, while it plays and when it is over', async () => {
  await Promise.all(
    looks.map(async ([name, options]) => {
      const split = await open(options);
      await split.reaches('cut');
      await expectAccessible(split.page, `${name}, cut`);
      // Looking took long; the rest is the same whoever does it.
      await split.flip('phone');
      await expectAccessible(split.page, `${name}, yours`);
      const width = await split.page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, name).toBeLessThanOrEqual(split.page.viewportSize()?.width ?? 0);
    }),
  );
});
