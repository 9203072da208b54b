import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { expectHarmless, payloads } from './support/hostile.ts';
import { Stage } from './support/stage.ts';
import { phone, Visitors } from './support/visitors.ts';

let stage: Stage;
const visitors = new Visitors(() => stage);

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(() => visitors.leave());

it('S12: a hostile answer runs nothing, loads nothing, and is shown as the text that it is', async () => {
  const pieces = payloads.flatMap((payload) => [...chunks(`${payload}\n\n`, 7)]);
  const chat = await visitors.prepare();
  const hosts = new Set<string>();
  chat.page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
  const navigations: string[] = [];
  chat.page.on('framenavigated', (frame) => navigations.push(frame.url()));
  await chat.open();
  const answer = stage.answer(pieces);
  answer.gate.openForGood();
  await chat.send(answer.prompt);
  await chat.holds([answer.prompt, answer.text]);
  await expectHarmless(chat);
  // And again as history, which the server paints.
  await chat.reload();
  await chat.holds([answer.prompt, answer.text]);
  await expectHarmless(chat);
  expect([...hosts]).toEqual(['127.0.0.1']);
  expect(navigations.every((url) => url.startsWith(stage.origin))).toBe(true);
});

/** Cuts a text where a stream might: in the middle of everything. */
function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const cells = (word: string) => `| ${Array.from({ length: 12 }, () => word).join(' | ')} |\n`;
const table = [cells('column'), cells('---'), cells('unbreakable')].join('');
const line = Array.from({ length: 60 }, (_, at) => `value${at}`).join(', ');
const wide = `${table}\n\`\`\`ts\nconst all = [${line}];\n\`\`\`\n\n${'word'.repeat(80)}\n`;

it('what is wider than a phone is read by touch and by keyboard, and moves nothing else', async () => {
  const chat = await visitors.join(undefined, phone);
  const answer = stage.answer([wide]);
  answer.gate.openForGood();
  await chat.send(answer.prompt);
  await chat.holds([answer.prompt, answer.text]);
  const { page } = chat;
  const region = page.getByRole('group', { name: 'Table' });
  const scrolled = () => region.evaluate(({ scrollLeft }) => scrollLeft);
  expect(await scrolled()).toBe(0);
  await region.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(scrolled).toBeGreaterThan(0);
  const isWider = (element: Element) => element.scrollWidth > element.clientWidth;
  expect(await page.getByRole('log').evaluate(isWider)).toBe(false);
  for (const code of await page.locator('pre').all())
    expect(await code.evaluate(isWider)).toBe(false);
  await expectAccessible(page, 'wide output');
});

it('code that is whole gets its colours, from a worker', async () => {
  const chat = await visitors.join();
  const answer = stage.answer(["```ts\nconst one: string = 'two';\n```\n"]);
  answer.gate.openForGood();
  await chat.send(answer.prompt);
  await chat.holds([answer.prompt, answer.text]);
  const colours = () =>
    chat.page
      .locator('pre span[style*="--code-"]')
      .evaluateAll((words) => new Set(words.map((word) => getComputedStyle(word).color)).size);
  await expect.poll(colours).toBeGreaterThan(1);
  expect(chat.page.workers()).toHaveLength(1);
});

it.each([
  [
    'is refused',
    () => {
      window.Worker = class {
        constructor() {
          throw new Error('No workers here.');
        }
      } as never;
    },
  ],
  [
    'is not there',
    () => {
      const { Worker } = window;
      window.Worker = class extends Worker {
        constructor() {
          super('/no-such-worker.js', { type: 'module' });
        }
      };
    },
  ],
])('code whose worker %s is shown as it is, which the console says once', async (_, without) => {
  const chat = await visitors.prepare();
  await chat.page.addInitScript(without);
  const warnings: string[] = [];
  chat.page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text());
  });
  await chat.open();
  const block = "```ts\nconst one: string = 'two';\n```\n";
  const answer = stage.answer([block, 'and\n\n', block]);
  answer.gate.openForGood();
  await chat.send(answer.prompt);
  await chat.holds([answer.prompt, answer.text]);
  const said = () => warnings.filter((text) => text.includes('unable to colour code'));
  await expect.poll(said).toHaveLength(1);
  await expect.poll(() => chat.page.locator('pre').count()).toBe(2);
  expect(await chat.page.locator('pre').allTextContents()).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining("const one: string = 'two';")),
  );
  expect(await chat.page.locator('pre span[style*="--code-"]').count()).toBe(0);
  expect(said()).toHaveLength(1);
});
