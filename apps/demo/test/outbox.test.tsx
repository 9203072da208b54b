// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';
import { type House, openHouse } from './support/house.tsx';
import type { Screen } from './support/screen.ts';

async function cut(page: Screen): Promise<void> {
  page.networkSwitch.click();
  await page.until(() => page.attribute('connection', 'link') === 'cut');
}

async function mend(page: Screen): Promise<void> {
  page.networkSwitch.click();
  await page.until(() => page.attribute('connection', 'link') === 'online');
}

const questions = ['one', 'two', 'three'];
const exchange = (house: House, from = 1) =>
  house.asked.slice(from - 1).flatMap((text, at) => [text, `Answer ${at + from} to: ${text}`]);

describe('what is typed without a network', () => {
  test('three messages wait in order, and become three questions with three answers', async () => {
    const house = await openHouse();
    const a = await house.open();
    await cut(a);
    for (const text of questions) await a.say(text);
    expect(a.outbox).toEqual(questions);
    // Said once, in the outbox, and not as said already.
    expect(a.texts).toEqual([]);
    expect(a.status).toContain('wait here');
    await mend(a);
    await a.until(() => house.asked.length === 3 && a.texts.length === 6);
    expect(house.asked).toEqual(questions);
    await a.until(() => a.texts.join('\n') === exchange(house).join('\n'));
    expect(a.outbox).toEqual([]);
  });

  test('waits also while an answer is being written, and steers nothing', async () => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('zero, slowly');
    await a.until(() => a.texts.length === 2);
    await cut(a);
    for (const text of questions) await a.say(text);
    expect(a.outbox).toEqual(questions);
    expect(a.texts).toHaveLength(2);
    await mend(a);
    await a.until(() => a.all('[data-testid=queued]').length === 3);
    house.finish();
    await a.until(() => a.texts.join('\n') === exchange(house).join('\n') && a.texts.length === 8);
    expect(house.asked).toEqual(['zero, slowly', ...questions]);
  });

  test('can be taken back out of the middle', async () => {
    const house = await openHouse();
    const a = await house.open();
    await cut(a);
    for (const text of questions) await a.say(text);
    a.press('Take back: two');
    await a.until(() => a.outbox.join() === 'one,three');
    await mend(a);
    await a.until(() => a.texts.length === 4);
    expect(house.asked).toEqual(['one', 'three']);
  });

  test('as a note keeps its place, and nobody answers it', async () => {
    const house = await openHouse();
    const a = await house.open();
    await cut(a);
    await a.say('one');
    const [select] = a.all('select') as HTMLSelectElement[];
    if (!select) throw new Error('there is no choice of addressees');
    const choose = async (to: string) => {
      Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')?.set?.call(select, to);
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await a.until(() => select.value === to);
    };
    await choose('people');
    await a.say('a note');
    await choose('agent');
    await a.say('three');
    expect(a.outbox).toEqual(['one', 'a note', 'three']);
    await mend(a);
    await a.until(() => a.texts.length === 5 && house.asked.length === 2);
    expect(house.asked).toEqual(['one', 'three']);
  });
});

test('a stop without a network is told as being on its way, and stops when it is mended', async () => {
  const house = await openHouse();
  const a = await house.open();
  await a.say('slowly');
  await a.until(() => a.texts.length === 2);
  await cut(a);
  a.press('Stop');
  await a.until(() => a.status.includes('Your stop is sent when it works again'));
  expect(a.buttons('Stopping')).toHaveLength(1);
  await mend(a);
  await a.until(() => a.status === 'Stopped. What was written is kept.');
  expect(a.all('[data-testid=ending]').map(({ textContent }) => textContent)).toEqual([
    'Stopped here',
  ]);
  expect(a.buttons('Stopping')).toHaveLength(0);
});

test('an answer that is over is not shown as being written because something waits behind it', async () => {
  const house = await openHouse();
  const a = await house.open();
  await a.say('one');
  await a.until(() => a.texts.length === 2 && a.attribute('status', 'status') === 'ready');
  await cut(a);
  await a.say('two');
  expect(a.outbox).toEqual(['two']);
  expect(a.attribute('assistant', 'live')).toBe('false');
});

test('what the server has taken is shown as sent while no socket tells of it', async () => {
  const house = await openHouse();
  const a = await house.open();
  const handed = () =>
    a.all('[data-testid=handed-text]').map(({ textContent }) => textContent ?? '');
  house.setGateway(false);
  await a.until(() => a.attribute('connection', 'link') === 'lost');
  await a.say('one, slowly');
  await a.until(() => house.asked.length === 1);
  await a.say('two');
  await a.say('three');
  await a.until(() => handed().join() === 'two,three' && a.outbox.length === 0);
  expect(a.texts).toEqual(['one, slowly']);
  house.setGateway(true);
  await a.until(() => a.all('[data-testid=queued]').length === 2);
  expect(handed()).toEqual([]);
  house.finish();
  await a.until(() => a.texts.join('\n') === exchange(house).join('\n') && a.texts.length === 6);
  expect(house.asked).toEqual(['one, slowly', 'two', 'three']);
  // What was told once is not shown as news when the sockets are gone again.
  house.setGateway(false);
  await a.until(() => a.attribute('connection', 'link') === 'lost');
  expect(handed()).toEqual([]);
});

test('a stop is told as such until the answer has ended, and the next one is not', async () => {
  const house = await openHouse();
  const a = await house.open();
  await a.say('stubbornly');
  await a.until(() => a.texts.length === 2);
  const seen: string[] = [];
  const look = new MutationObserver(() => seen.push(a.status));
  look.observe(document.body, { subtree: true, childList: true, characterData: true });
  a.press('Stop');
  await a.until(() => a.status === 'Stopped. What was written is kept.');
  expect(seen.slice(seen.indexOf('Stopping…'))).not.toContain('Answering…');
  await a.say('slowly');
  await a.until(() => a.status === 'Answering…');
  look.disconnect();
});
