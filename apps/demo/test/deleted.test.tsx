// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { openHouse } from './support/house.tsx';

test('a chat that was deleted elsewhere says so, keeps what is being typed, and can begin anew', async () => {
  const house = await openHouse();
  const a = await house.open();
  await a.say('one');
  await a.until(() => a.texts.length === 2);
  expect(localStorage.getItem('holdfast-demo-chats')).toContain(house.id);
  a.type(a.prompt, 'half a question');
  await house.erase();
  await a.until(() => a.words.includes('This chat was deleted'));
  expect(a.words).not.toContain('An answer that holds fast');
  expect(a.prompt.value).toBe('half a question');
  expect(a.all('h1')[0]?.textContent).toBe('A deleted chat');
  expect(localStorage.getItem('holdfast-demo-chats')).not.toContain(house.id);
  a.submit(a.prompt);
  await a.until(() => a.texts.join() === 'half a question,Answer 2 to: half a question');
  expect(a.words).not.toContain('was deleted');
});

test('a chat that is empty, or whose first question is edited, does not say that it was deleted', async () => {
  const house = await openHouse();
  const [a, b] = [await house.open(), await house.open()];
  expect(a.words).toContain('An answer that holds fast');
  await a.say('one');
  await b.until(() => b.texts.length === 2);
  a.press('Edit this message');
  await a.until(() => a.editor !== null);
  a.type(a.editor, 'two');
  a.submit(a.editor);
  await b.until(() => b.texts[0] === 'two');
  expect(b.all('[data-testid=deleted]')).toEqual([]);
});
