import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import { Stage } from './support/stage.ts';
import { phone, Visitors } from './support/visitors.ts';

let stage: Stage;
const visitors = new Visitors(() => stage);

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(() => visitors.leave());

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
