// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';
import { openHouse } from './support/house.tsx';
import type { Screen } from './support/screen.ts';

/** Opens the editor of the first message and writes into it. */
async function edit(page: Screen, text: string): Promise<void> {
  page.press('Edit this message');
  await page.until(() => page.editor !== null);
  page.type(page.editor, text);
}

const answered = (page: Screen, answers: number): Promise<void> =>
  page.until(
    () =>
      page.attribute('status', 'status') === 'ready' &&
      page.texts.filter((text) => text.startsWith('Answer ')).length === answers,
  );

describe('an edit that lost against another device', () => {
  test('is open again with its words, the winner is shown, and nothing is answered anew', async () => {
    const house = await openHouse();
    const [a, b] = [await house.open(), await house.open()];
    await a.say('one');
    for (const page of [a, b]) await answered(page, 1);
    await edit(b, "the loser's words");
    b.networkSwitch.click();
    await b.until(() => b.attribute('connection', 'link') === 'cut');
    b.submit(b.editor);
    await b.until(() => b.outbox.join() === "the loser's words");
    await edit(a, 'the winner');
    a.submit(a.editor);
    await a.until(() => a.texts.includes('Answer 2 to: the winner'));
    b.networkSwitch.click();
    await b.until(() => b.words.includes('came in between'));
    await b.until(() => b.editor?.value === "the loser's words");
    await b.until(() => b.texts.join() === 'the winner,Answer 2 to: the winner');
    expect(b.buttons('Try again')).toHaveLength(0);
    expect(house.asked).toEqual(['one', 'the winner']);
    b.submit(b.editor);
    for (const page of [a, b])
      await page.until(
        () => page.texts.join() === "the loser's words,Answer 3 to: the loser's words",
      );
    expect(b.words).not.toContain('came in between');
  });
});

describe('what is refused', () => {
  const sends = (request: Request) => request.method === 'POST';

  test('as a new message is sent again by "Try again", as it was', async () => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('one');
    await answered(a, 1);
    house.refuse(sends);
    await a.say('two');
    await a.until(() => a.words.includes('too much at once'));
    house.refuse(null);
    a.press('Try again');
    await answered(a, 2);
    expect(house.asked).toEqual(['one', 'two']);
    expect(a.texts).toEqual(['one', 'Answer 1 to: one', 'two', 'Answer 2 to: two']);
  });

  test('as another answer is asked for again by "Try again"', async () => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('one');
    await answered(a, 1);
    house.refuse(sends);
    a.press('Answer again');
    await a.until(() => a.words.includes('too much at once'));
    house.refuse(null);
    a.press('Try again');
    await a.until(() => a.texts.join() === 'one,Answer 2 to: one');
  });

  test.each([
    ['Add now', 'told to the model while it works'],
    ['Queue', 'put into the queue'],
  ])('as what was to be %s is back in the prompt', async (button) => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('one, slowly');
    await a.until(() => a.texts.length === 2);
    house.refuse(sends);
    a.type(a.prompt, 'and this');
    await a.until(() => a.buttons('Add now').length > 0);
    if (button === 'Add now') a.submit(a.prompt);
    else a.choose(button);
    await a.until(() => a.words.includes('too much at once'));
    await a.until(() => a.prompt.value === 'and this');
  });
});

describe('a draft stays', () => {
  test('when another page changes the message that is being edited, and says so', async () => {
    const house = await openHouse();
    const [a, b] = [await house.open(), await house.open()];
    await a.say('one');
    for (const page of [a, b]) await answered(page, 1);
    await edit(b, 'half a thought');
    await edit(a, 'two');
    a.submit(a.editor);
    await b.until(() => b.texts.join() === 'two,Answer 2 to: two');
    expect(b.editor?.value).toBe('half a thought');
    expect(b.words).toContain('changed on another page');
  });

  test('when the message that is being edited is cut off, and can be sent as a new one', async () => {
    const house = await openHouse();
    const [a, b] = [await house.open(), await house.open()];
    await a.say('one');
    await answered(a, 1);
    await a.say('two');
    for (const page of [a, b]) await answered(page, 2);
    b.buttons('Edit this message')[1]?.click();
    await b.until(() => b.editor !== null);
    b.type(b.editor, 'two and a half');
    await edit(a, 'another one');
    a.submit(a.editor);
    await b.until(() => b.texts.join() === 'another one,Answer 3 to: another one');
    expect(b.editor?.value).toBe('two and a half');
    expect(b.words).toContain('is gone');
    b.submit(b.editor);
    await b.until(() => b.texts.includes('Answer 4 to: two and a half'));
    expect(b.editor).toBe(null);
  });

  test('when the page is left for another chat, in the prompt and in the editor', async () => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('one');
    await answered(a, 1);
    await edit(a, 'changed');
    a.type(a.prompt, 'half a question');
    a.leave();
    const again = await house.open();
    await again.until(() => again.editor?.value === 'changed');
    expect(again.prompt.value).toBe('half a question');
  });

  test('until it is cancelled', async () => {
    const house = await openHouse();
    const a = await house.open();
    await a.say('one');
    await answered(a, 1);
    await edit(a, 'changed');
    a.press('Cancel');
    await a.until(() => a.editor === null);
    a.press('Edit this message');
    await a.until(() => a.editor?.value === 'one');
  });
});
