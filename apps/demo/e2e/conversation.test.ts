import { describe, expect, it } from 'vitest';
import { type OtherWay, otherWays } from '../lib/sending.ts';
import type { ChatPage } from './support/chat-page.ts';
import { expectSteady, watchShifts } from './support/layout-shift.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const { join } = scriptedDemo(20);

const ready = (chat: ChatPage) => untilEqual(() => chat.status(), 'ready');
const wordsIn = async (chat: ChatPage) => (await chat.lastText()).split(' ').length;
const midAnswer = (chat: ChatPage) =>
  until(async () => (await wordsIn(chat)) > 10, 'in mid-answer');
const row = ({ page }: ChatPage, testId: string) => page.getByTestId(testId).allTextContents();
const prompt = ({ page }: ChatPage) => page.getByRole('textbox', { name: 'Your message' });

describe.each([
  ['a desktop', {}],
  ['a phone', phone],
])('on %s', (_, options) => {
  it('what was asked goes to the top, and a whole conversation moves nothing', async () => {
    const chat = await join(undefined, { ...options, before: watchShifts });
    /** How far below the top of what is scrolled the last question is, in px. */
    const below = () =>
      chat.page.evaluate(() => {
        const questions = document.querySelectorAll('[data-testid=user]');
        const scrolled = document.querySelector('[role=log]')?.parentElement?.parentElement;
        const top = (element: Element | null | undefined) =>
          Math.round(element?.getBoundingClientRect().top ?? 0);
        return top(questions[questions.length - 1]) - top(scrolled);
      });
    for (const question of [
      'Tell me a long story of 60 words',
      'Show me what you can do',
      'What is the weather in Oslo?',
    ]) {
      await chat.send(question);
      await midAnswer(chat);
      expect(await below(), question).toBe(24);
      await ready(chat);
    }
    expect(await below()).toBe(24);
    await chat.send('Tell me a long story of 300 words');
    await until(async () => (await below()) < 0, 'the page goes along with a long answer');
    await chat.stop();
    await ready(chat);
    await expectSteady(chat.page);
  });
});

describe('what is written while an answer is', () => {
  it('is added, queued, and told what it waits for, by the keyboard alone', async () => {
    const chat = await join();
    const { keyboard } = chat.page;
    await chat.send('A survey of the harbour');
    await chat.page.locator('[data-testid=tool][data-state=input-available]').waitFor();
    await prompt(chat).focus();
    await keyboard.type('In one line, please');
    await keyboard.press('Enter');
    await untilEqual(() => row(chat, 'steer'), ['Told at the next stepIn one line, please']);
    for (const [question, count] of [
      ['Tell me a long story of 20 words', 1],
      ['Tell me a long story of 30 words', 2],
    ] as const) {
      await keyboard.type(question);
      const more = chat.page.getByRole('button', { name: 'Send it another way' });
      await more.focus();
      await keyboard.press('ArrowDown');
      const at = (way: OtherWay) =>
        untilEqual(
          () => chat.page.evaluate(() => document.activeElement?.textContent),
          `${otherWays[way].label}${otherWays[way].hint}`,
        );
      await at('queue');
      await keyboard.press('ArrowUp');
      await at('parallel');
      await keyboard.press('Home');
      await at('queue');
      await keyboard.press('Enter');
      await untilEqual(async () => (await chat.queued()).length, count);
      // Nothing is left to be sent, so the focus is where the next one is written.
      await untilEqual(() => chat.page.evaluate(() => document.activeElement?.id), 'prompt');
    }
    expect(await row(chat, 'queued')).toEqual([
      'NextTell me a long story of 20 words',
      'ThenTell me a long story of 30 words',
    ]);
  });

  it('interrupts the answer, starts over, or is answered beside it', async () => {
    const chat = await join();
    const ask = 'Tell me a long story of 3000 words';
    await chat.send(ask);
    await midAnswer(chat);
    await chat.sendAs('Interrupt', 'Tell me a long story of 4000 words');
    await until(async () => (await chat.texts()).length === 4, 'asked');
    await midAnswer(chat);
    const [, kept] = await chat.texts();
    expect(kept).not.toBe('');
    await chat.sendAs('Start over', 'Tell me a long story of 5000 words');
    // The second question has no answer any more.
    await untilEqual(
      async () => (await chat.texts()).filter((_, at) => at !== 1 && at !== 4),
      [ask, 'Tell me a long story of 4000 words', 'Tell me a long story of 5000 words'],
    );
    await midAnswer(chat);
    await chat.sendAs('Beside', 'Tell me a long story of 10 words');
    await until(async () => (await chat.lastText()).endsWith('The end.*'), 'answered beside');
    await chat.stop();
    await ready(chat);
  });
});

it('paragraphs stand as far apart while they are written as they do then', async () => {
  const chat = await join();
  await chat.send('Tell me a long story of 3000 words');
  const paragraphs = chat.page.locator('p', { hasText: 'At dusk' });
  await paragraphs.nth(1).waitFor();
  const space = () =>
    paragraphs.evaluateAll((all) => {
      const [one, other] = all.map((each) => each.getBoundingClientRect());
      return Math.round((other?.top ?? 0) - (one?.bottom ?? 0));
    });
  const written = await space();
  await chat.stop();
  await ready(chat);
  expect([written > 0, await space()]).toEqual([true, written]);
});

describe('an answer that ended before its time', () => {
  it('can be continued, or asked for again; a newer one leads on', async () => {
    const chat = await join();
    await chat.send('Tell me a long story of 300 words');
    await midAnswer(chat);
    await chat.stop();
    await ready(chat);
    const kept = await chat.lastText();
    await untilEqual(() => row(chat, 'ending'), ['Stopped here']);
    await chat.page.getByRole('button', { name: 'Continue' }).click();
    await until(async () => (await chat.texts()).length === 4, 'goes on');
    await ready(chat);
    const left = await chat.lastText();
    expect(`${kept}${left}`).toContain('The end.');
    // For good, and with a way to what followed.
    await chat.reload();
    await untilEqual(() => chat.connection(), 'online');
    expect(await row(chat, 'ending')).toEqual(['Stopped here']);
    await chat.page.getByRole('button', { name: 'Go to the newer answer' }).click();
    const reached = () =>
      chat.page.evaluate(() => document.activeElement?.getAttribute('data-text'));
    await untilEqual(reached, left);
    expect(await chat.page.getByRole('button', { name: 'Continue' }).count()).toBe(0);
  });

  it('that broke off is asked for again', async () => {
    const chat = await join();
    await chat.send('Answer with an error');
    await chat.page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
    await untilEqual(() => row(chat, 'ending'), ['Broke off here']);
    await chat.page.getByRole('button', { name: 'Try again' }).click();
    await chat.page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).waitFor();
    // The list is drawn at its own pace, and may come behind the alert.
    await untilEqual(async () => (await chat.texts()).length, 2);
    // One place is enough to lead on.
    await untilEqual(() => chat.page.getByRole('button', { name: 'Try again' }).count(), 1);
  });
});
