import { describe, expect, it } from 'vitest';
import { newSessionId } from '../lib/session-id.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';
import { workOf } from './support/work.ts';

const { join } = scriptedDemo(2);

it('the tab is called by what the chat is about, from the first paint on', async () => {
  const chat = await join();
  expect(await chat.page.title()).toBe('New chat · Holdfast demo');
  await chat.send('What is the weather in Oslo?');
  await untilEqual(() => chat.page.title(), 'What is the weather in Oslo? · Holdfast demo');
  await untilEqual(() => chat.status(), 'ready');
  const html = await (await fetch(chat.page.url())).text();
  expect(html).toContain('<title>What is the weather in Oslo? · Holdfast demo</title>');
  const operator = await join(chat.id, { as: 'operator' });
  await untilEqual(
    () => operator.page.title(),
    'Operator: What is the weather in Oslo? · Holdfast demo',
  );
  // It follows an edit, another chat, and the way back.
  await chat.edit('What is the weather in Oslo?', 'What is the weather in Rome?');
  await untilEqual(() => chat.page.title(), 'What is the weather in Rome? · Holdfast demo');
  await chat.page.getByRole('button', { name: 'New chat' }).first().click();
  await untilEqual(() => chat.page.title(), 'New chat · Holdfast demo');
  await chat.page.goBack();
  await untilEqual(() => chat.page.title(), 'What is the weather in Rome? · Holdfast demo');
});

it('a link to it has a picture, at a whole address', async () => {
  const chat = await join();
  const image = await chat.page.locator('meta[property="og:image"]').getAttribute('content');
  expect(new URL(image ?? '').origin).toBe(new URL(chat.page.url()).origin);
  const response = await fetch(image ?? '');
  expect(response.headers.get('content-type')).toBe('image/png');
  for (const name of ['og:title', 'og:image:alt', 'og:image:width'])
    expect(await chat.page.locator(`meta[property="${name}"]`).count()).toBe(1);
});

it('what is nowhere is said to be so, with what an address of a chat looks like', async () => {
  const chat = await join();
  for (const path of ['/chat/too-short', '/elsewhere']) {
    const url = new URL(path, chat.page.url()).href;
    expect((await fetch(url)).status).toBe(404);
    await chat.page.goto(url);
    await chat.page.getByText('20 to 128 letters, digits, hyphens and underscores').waitFor();
  }
  // The browser itself says that there was nothing.
  chat.errors.splice(0);
});

it('text is written in its own direction', async () => {
  const chat = await join(undefined, phone);
  const prompt = chat.page.getByRole('textbox', { name: 'Your message' });
  await prompt.fill('ספר לי story');
  expect(await prompt.evaluate((field) => getComputedStyle(field).direction)).toBe('rtl');
  await chat.page.getByRole('button', { name: 'Send' }).click();
  const message = chat.page.getByTestId('user').locator('[dir=auto]');
  expect(await message.evaluate((text) => getComputedStyle(text).direction)).toBe('rtl');
  await until(async () => (await chat.texts()).length === 2, 'answered');
  const answer = chat.page.getByTestId('assistant').locator('p').first();
  expect(await answer.evaluate((text) => getComputedStyle(text).direction)).toBe('ltr');
  await untilEqual(() => chat.status(), 'ready');
});

it('a very long message is folded until it is asked for', async () => {
  const chat = await join();
  const text = 'story '.repeat(20_000).trim();
  await chat.send(text);
  await until(async () => (await chat.texts()).length === 2, 'answered');
  const message = chat.page.getByTestId('user');
  const height = async () => (await message.boundingBox())?.height ?? 0;
  const folded = await height();
  expect(folded).toBeLessThan(840);
  await message
    .getByRole('button', { name: `Show all ${text.length.toLocaleString('en')}` })
    .click();
  await until(async () => (await height()) > 5 * folded, 'unfolded');
  expect(await chat.lastText()).not.toBe('');
  await message.getByRole('button', { name: 'Show less' }).click();
  await untilEqual(height, folded);
});

it('nothing stands under the notch and the bar of a phone, and its keyboard hides neither prompt nor end', async () => {
  const chat = await join(undefined, phone);
  const { page } = chat;
  const viewport = await page.locator('meta[name=viewport]').getAttribute('content');
  // By these a browser tells of a notch, and makes the page smaller by the keyboard.
  for (const setting of ['viewport-fit=cover', 'interactive-widget=resizes-content'])
    expect(viewport).toContain(setting);
  const insets = { top: 47, right: 21, bottom: 34, left: 21 };
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setSafeAreaInsetsOverride', { insets });
  await chat.send('Tell me a long story of 300 words');
  await until(async () => (await chat.lastText()).endsWith('*The end.*'), 'answered');
  await untilEqual(() => chat.status(), 'ready');
  const under = () => page.evaluate(standingUnder, insets);
  expect(await under()).toEqual([]);
  await page.getByRole('button', { name: 'Show your chats' }).click();
  expect(await under()).toEqual([]);
  await page.keyboard.press('Escape');

  await page.setViewportSize({ width: 390, height: 420 });
  const prompt = page.getByRole('textbox', { name: 'Your message' });
  const end = page.getByText('The end.');
  await until(async () => {
    const [above, below] = [await end.boundingBox(), await prompt.boundingBox()];
    return above !== null && below !== null && above.y > 0 && above.y + above.height < below.y;
  }, 'the end is above the prompt');
  expect(await under()).toEqual([]);
});

it('a chat that becomes less high in the frame after a scroll stays at its end', async () => {
  const chat = await join(undefined, phone);
  await chat.send('Tell me a long story of 300 words');
  await until(async () => (await chat.lastText()).endsWith('*The end.*'), 'answered');
  await untilEqual(() => chat.status(), 'ready');
  const scroller = chat.page.locator('[data-scroller]');
  const left = () =>
    scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await until(async () => (await left()) < 2, 'is at its end');
  await scroller.evaluate((element) => {
    element.scrollTop -= 10;
    (element as HTMLElement).style.height = '240px';
  });
  await until(async () => (await left()) < 2, 'is at its new end');
});

/** Runs in the page: what can be pressed there, and is not wholly where a phone shows it. */
function standingUnder(insets: Record<'top' | 'right' | 'bottom' | 'left', number>): string[] {
  const pressed = document.querySelectorAll('a, button, select, summary, textarea');
  return [...pressed].flatMap((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const isIn =
      left >= insets.left &&
      top >= insets.top &&
      right <= innerWidth - insets.right &&
      bottom <= innerHeight - insets.bottom;
    return seen && element.contains(seen) && !isIn ? [element.outerHTML.slice(0, 160)] : [];
  });
}

it('whose turn it is to answer can be read in full', async () => {
  for (const options of [{}, phone]) {
    const chat = await join(undefined, options);
    const select = chat.page.getByRole('combobox', { name: 'Who is to answer' });
    await select.selectOption('Nobody: a note');
    const [width, needed] = await select.evaluate((shown) => {
      const sizes = shown.cloneNode(true) as HTMLSelectElement;
      sizes.style.cssText = 'position: absolute; max-width: none';
      shown.after(sizes);
      const widths = [shown.clientWidth, sizes.clientWidth];
      sizes.remove();
      return widths;
    });
    expect(width).toBeGreaterThanOrEqual(needed ?? 0);
  }
});

it('code has colours once it is whole, and all of its letters', async () => {
  const chat = await join();
  await chat.send('Show me what you can do');
  const code = chat.page.locator('[data-streamdown=code-block-body] code');
  const colours = () =>
    code.evaluate((block) => {
      const letters = [...block.querySelectorAll('span')].filter(
        ({ children }) => !children.length,
      );
      return new Set(letters.map((each) => getComputedStyle(each).color)).size;
    });
  await until(async () => (await code.count()) === 1 && (await colours()) > 3, 'has colours');
  await untilEqual(() => chat.status(), 'ready');
  expect(await code.textContent()).toContain("createChatTransport({ api: '/api/chat' });");
});

it('a long chat that is loaded again is not made anew', async () => {
  const chat = await join(undefined, { before: watchChanges });
  for (const question of ['Show me what you can do', 'Tell me a long story of 800 words']) {
    await chat.send(question);
    await until(async () => /(error\*\*\.|The end\.\*)$/.test(await chat.lastText()), 'answered');
    await untilEqual(() => chat.status(), 'ready');
  }
  await chat.reload();
  await untilEqual(() => chat.connection(), 'online');
  const code = chat.page.locator('[data-streamdown=code-block-body]');
  await until(async () => (await code.count()) === 1, 'is whole');
  const [made, all] = await chat.page.evaluate(() => (window as unknown as Changing).changed());
  expect(all).toBeGreaterThan(80);
  // The block of code comes with its own script.
  expect(made).toBeLessThan(all / 3);
});

describe('a very long answer', () => {
  async function write() {
    const chat = await join();
    await chat.send('Write me a novel');
    await until(async () => (await chat.lastText()).endsWith('*The end.*'), 'written');
    await untilEqual(() => chat.status(), 'ready');
    return { chat, id: chat.id, whole: await chat.lastText() };
  }

  it('is shown from its end to who comes late, and more and all of it when that is asked for', async () => {
    const { chat, id, whole } = await write();
    // Who has read it from its start has all of it.
    expect(whole).toMatch(/^# The keeper/);
    expect(await chat.page.getByTestId('portion').count()).toBeGreaterThan(15);
    const late = await join(id);
    const answer = late.page.getByTestId('assistant');
    const load = answer.getByRole('button', { name: 'load all of it' });
    await load.waitFor();
    const end = await late.lastText();
    expect(whole.endsWith(end) && end.length > 100_000).toBe(true);
    const portions = answer.getByTestId('portion');
    const painted = await portions.count();
    expect(painted).toBeLessThanOrEqual(3);

    const more = answer.getByRole('button', { name: 'Show more of what is above' });
    await more.scrollIntoViewIfNeeded();
    const name = await portions.first().locator('h2').first().textContent();
    const read = answer.getByRole('heading', { name: name ?? '', exact: true });
    const place = async () => (await read.boundingBox())?.y ?? 0;
    const before = await place();
    await more.click();
    await untilEqual(() => portions.count(), painted + 1);
    expect(Math.abs((await place()) - before)).toBeLessThan(3);

    await load.click();
    await until(async () => (await late.lastText()) === whole, 'is whole');
    expect(await load.count()).toBe(0);
    while ((await more.count()) > 0) await more.click();
    expect(await answer.getByRole('heading', { name: 'The keeper' }).count()).toBe(1);
  });

  it('makes no task of a page long that is loaded again in the middle of the next answer', async () => {
    const { chat } = await write();
    await chat.send('Tell me a long story of 5000 words');
    await until(async () => (await chat.lastText()).length > 300, 'in mid-answer');
    const long = await workOf(chat.page, async () => {
      await chat.reload();
      await untilEqual(() => chat.connection(), 'online');
      const { length } = await chat.lastText();
      await until(async () => (await chat.lastText()).length > length + 300, 'goes on');
    });
    await chat.stop();
    await untilEqual(() => chat.status(), 'ready');
    // In the same browser, which has compiled the page's scripts by then.
    await chat.page.goto(new URL(`/chat/${newSessionId()}`, chat.page.url()).href);
    const short = await workOf(chat.page, async () => {
      await chat.reload();
      await untilEqual(() => chat.connection(), 'online');
    });
    console.log('longest tasks, ms:', long, 'of an empty chat:', short);
    expect(long.longestMs).toBeLessThan(2.5 * short.longestMs);
  });
});

interface Changing {
  /** How many elements of the conversation were made by scripts, and how many there are. */
  readonly changed: () => readonly [made: number, all: number];
}

/** Runs in the page before anything of it. */
function watchChanges(): void {
  let made = 0;
  document.addEventListener('DOMContentLoaded', () => {
    const log = document.querySelector('[role=log]');
    if (!log) return;
    new MutationObserver((records) => {
      for (const node of records.flatMap(({ addedNodes }) => [...addedNodes]))
        made += node instanceof Element ? 1 + node.querySelectorAll('*').length : 0;
    }).observe(log, { childList: true, subtree: true });
  });
  const changed = () => [made, document.querySelectorAll('[role=log] *').length];
  Object.assign(window, { changed });
}
