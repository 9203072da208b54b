// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { titleNow } from '../lib/title.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { openHouse } from './support/house.tsx';

const ask = (text: string): ChatMessage => ({
  id: text,
  role: 'user',
  parts: [{ type: 'text', text }],
});

test.each([
  ['a chat that is shown from its beginning', { isWhole: true, known: 'old' }, 'first'],
  ['the end of one whose name is known', { isWhole: false, known: 'named' }, 'named'],
  ['the end of one whose name nobody knows', { isWhole: false, known: null }, 'first'],
])('the title of %s', (_, facts, title) => {
  expect(titleNow({ messages: [ask('first'), ask('second')], ...facts })).toBe(title);
});

test('a chat of more than a page keeps its title when it is loaded again, and is known by it', async () => {
  const house = await openHouse();
  const a = await house.open();
  const heading = () => a.all('h1')[0]?.textContent;
  for (let at = 1; at <= 11; at++) {
    await a.say(`question ${at}`);
    await a.until(() => a.texts.length === 2 * at && a.attribute('status', 'status') === 'ready');
  }
  expect(heading()).toBe('question 1');
  a.leave();
  const again = await house.open();
  await again.until(() => again.texts[0] === 'question 2');
  expect(again.all('h1')[0]?.textContent).toBe('question 1');
  again.press('Show older messages');
  await again.until(() => again.texts[0] === 'question 1');
  expect(again.all('h1')[0]?.textContent).toBe('question 1');
  expect(localStorage.getItem('holdfast-demo-chats')).toContain('"title":"question 1"');
});
