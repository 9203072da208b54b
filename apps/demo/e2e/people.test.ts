import { expect, it } from 'vitest';
import { doubt, handedOver, optimism, panelEnd, tripPieces } from '../lib/scripted-model/texts.ts';
import { ChatPage } from './support/chat-page.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const { join } = scriptedDemo(100);

/** Who wrote the answers, but for the assistant. */
const writersIn = async ({ page }: ChatPage) =>
  (await page.getByTestId('writer').allTextContents()).filter((name) => name !== 'assistant');

const operatorIn = ({ page }: ChatPage) =>
  page.getByTestId('handoff').getAttribute('data-operator');

it('an operator takes over on a page of their own, answers, and hands back', async () => {
  const user = await join(undefined, phone);
  await user.send('What is the weather in Oslo?');
  await until(async () => (await user.lastText()).endsWith('🧥'), 'answered');
  await untilEqual(() => user.status(), 'ready');
  const operator = await join(user.id, { as: 'operator' });
  await until(async () => (await operator.texts()).length === 2, 'has the history');
  await operator.page.getByRole('button', { name: 'Take over' }).click();
  await until(async () => (await operatorIn(user)) !== '', 'taken over');
  await user.send('Is this a person?');
  await until(async () => (await operator.lastText()) === 'Is this a person?', 'heard');
  await operator.send('It is. Ann here.');
  for (const chat of [user, operator]) {
    await until(async () => (await chat.lastText()) === 'It is. Ann here.', 'answered');
    expect(await writersIn(chat)).toEqual([expect.stringContaining('operator')]);
  }
  await operator.page.getByRole('button', { name: 'Hand back' }).click();
  await untilEqual(() => user.page.getByTestId('handoff').count(), 0);
  await user.send('Tell me a long story of 30 words');
  await until(async () => (await user.lastText()).includes('keeper'), 'the assistant answers');
  await untilEqual(() => user.status(), 'ready');
});

it('two agents write at once beside the one that asks them, in every page', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  const prompt = 'Ask the panel: should I build a boat?';
  await a.send(prompt);
  for (const chat of [a, b]) {
    await until(async () => {
      const texts = await chat.texts();
      return [optimism, doubt, panelEnd].every((text) => texts.includes(text));
    }, 'all have spoken');
    await untilEqual(() => chat.status(), 'ready');
    expect((await writersIn(chat)).sort()).toEqual(['optimist', 'skeptic']);
  }
  expect(await a.texts()).toEqual(await b.texts());
  // Nested under the one that asked them, whose conclusion comes last; the same after a reload.
  expect(await a.texts()).toEqual([prompt, optimism, doubt, panelEnd]);
  expect(await b.page.getByTestId('children').getByTestId('assistant').count()).toBe(2);
  await b.reload();
  await untilEqual(() => b.texts(), await a.texts());
});

it('a stop ends the agents with the one that asked them', async () => {
  const a = await join();
  await a.send('Ask the panel: should I build a boat?');
  await until(async () => (await writersIn(a)).length > 0, 'they speak');
  await a.stop();
  await until(async () => (await a.page.locator('[data-live=true]').count()) === 0, 'all ended');
  expect(await a.texts()).not.toContain(panelEnd);
});

it('a message that names an agent is answered by that one', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  await a.page.getByRole('combobox', { name: 'Who is to answer' }).selectOption('Skeptic');
  await a.send('Should I build a boat?');
  for (const chat of [a, b]) {
    await until(async () => (await chat.lastText()) === doubt, 'the skeptic has answered');
    expect(await writersIn(chat)).toEqual(['skeptic']);
  }
  await untilEqual(() => a.status(), 'ready');
  await a.page.getByRole('button', { name: 'Answer again' }).click();
  await until(async () => (await b.lastText()) !== doubt, 'is asked again');
  await until(async () => (await b.lastText()) === doubt, 'the same one answers');
});

const trip = tripPieces.map(({ text }) => text).join('');

it('a run of several pieces is one message, live in between, in every page and after a reload', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  await a.send('Plan a trip to the islands');
  await until(async () => (await b.lastText()).includes('Peniche'), 'the first piece');
  await b.reload();
  await until(async () => (await b.lastText()).includes('ferries'), 'the second piece');
  for (const chat of [a, b]) {
    await until(async () => (await chat.lastText()) === trip, 'is whole');
    await until(async () => (await chat.page.locator('[data-live=true]').count()) === 0, 'ended');
    expect(await writersIn(chat)).toEqual(['trip planner']);
  }
});

it('a stop ends such a run between its pieces, at once and for good', async () => {
  const a = await join();
  await a.send('Plan a trip to the islands');
  const [first] = tripPieces;
  await until(async () => (await a.lastText()) === first?.text, 'the first piece is whole');
  await a.stop();
  await until(async () => (await a.page.locator('[data-live=true]').count()) === 0, 'ended');
  await untilEqual(() => a.status(), 'ready');
  expect(trip.startsWith(await a.lastText())).toBe(true);
  expect(await a.lastText()).not.toBe(trip);
});

it('the assistant hands over to a person, who answers and hands back', async () => {
  const user = await join(undefined, phone);
  await user.send('I would like to talk to a human');
  await until(async () => (await operatorIn(user)) === 'operators', 'the assistant waits');
  await untilEqual(() => user.lastText(), handedOver);
  await user.send('Is anybody there?');
  const operator = await join(user.id, { as: 'operator' });
  await until(
    async () => (await operator.lastText()) === 'Is anybody there?',
    'waits for a person',
  );
  await operator.page.getByRole('button', { name: 'Take over' }).click();
  await until(async () => !['operators', null].includes(await operatorIn(user)), 'somebody came');
  await operator.send('Ann here. What is it?');
  await until(async () => (await user.lastText()) === 'Ann here. What is it?', 'is answered');
  await operator.page.getByRole('button', { name: 'Hand back' }).click();
  await untilEqual(() => user.page.getByTestId('handoff').count(), 0);
  await user.send('Tell me a long story of 30 words');
  await until(async () => (await user.lastText()).includes('keeper'), 'the assistant answers');
});

it('a note is there for people, and no agent answers it', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  await a.page.getByRole('combobox', { name: 'Who is to answer' }).selectOption('Nobody: a note');
  await a.send('She asked twice for a refund.');
  for (const chat of [a, b])
    await untilEqual(() => chat.texts(), ['She asked twice for a refund.']);
  await b.send('Tell me a long story of 20 words');
  await until(async () => (await a.texts()).length === 3, 'an answer to the other one alone');
  expect((await a.texts()).slice(0, 2)).toEqual([
    'She asked twice for a refund.',
    'Tell me a long story of 20 words',
  ]);
});

it('who wrote a message is shown, and said, when more than one person did', async () => {
  const a = await join();
  const authors = ({ page }: ChatPage) => page.getByTestId('author').allTextContents();
  await a.send('Tell me a long story of 20 words');
  await untilEqual(() => a.status(), 'ready');
  // Alone, nobody needs to be told.
  expect(await authors(a)).toEqual([]);
  const b = await join(a.id, phone);
  const [name] = await authors(b);
  expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  expect(await b.page.getByRole('article', { name: `Message from ${name}` }).count()).toBe(1);
  await b.send('Tell me a long story of 10 words');
  await untilEqual(() => authors(b), [name, 'You']);
  await untilEqual(async () => (await authors(a)).length, 2);
  expect((await authors(a))[0]).toBe('You');
  expect(await a.page.getByRole('article', { name: 'Your message' }).count()).toBe(1);
  await untilEqual(() => b.status(), 'ready');
});

it('the page of an operator is reached by links, and tells her nothing of herself', async () => {
  const user = await join();
  await user.send('I would like to talk to a human');
  const link = user.page.getByRole('link', { name: 'Be that person' });
  const opened = user.page.context().waitForEvent('page');
  await link.click();
  const operator = new ChatPage(await opened, new URL(user.page.url()).origin, user.id);
  await untilEqual(() => operator.connection(), 'online');
  expect(operator.page.url()).toContain(`/operator/${user.id}`);
  await operator.page.getByRole('button', { name: 'Take over' }).click();
  await operator.page.getByText('You answer now. The assistant is paused.').waitFor();
  await operator.send('Here I am.');
  await until(async () => (await user.lastText()) === 'Here I am.', 'answered');
  await untilEqual(() => writersIn(operator), ['You, as operator']);
  // The visitor's page is the same person's, and open.
  expect(await operator.page.getByTestId('presence').count()).toBe(0);
  await user.page.getByText('operator answers now').waitFor();
  expect(await user.page.getByTestId('presence').count()).toBe(1);
  // There and back by the header, too.
  const header = { chat: /as an operator/, operator: /as a visitor/ } as const;
  expect(await user.page.getByRole('link', { name: header.chat }).getAttribute('href')).toBe(
    `/operator/${user.id}`,
  );
  expect(
    await operator.page.getByRole('link', { name: header.operator }).getAttribute('href'),
  ).toBe(`/chat/${user.id}`);
  expect(operator.errors).toEqual([]);
});
