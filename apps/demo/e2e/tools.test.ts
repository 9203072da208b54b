import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const demo = scriptedDemo(5);

const place = { latitude: 59.91, longitude: 10.75 };
const tells: BrowserContextOptions = { geolocation: place, permissions: ['geolocation'] };

/** Counts how often this browser was asked where it is. */
const counting = () => {
  const counted = window as unknown as { asked: number };
  counted.asked = 0;
  const { geolocation } = navigator;
  const ask = geolocation.getCurrentPosition.bind(geolocation);
  geolocation.getCurrentPosition = (...given) => {
    counted.asked++;
    ask(...given);
  };
};

/** Has this browser wait for its user, as it does until one allows it. */
const neverTells = () => {
  const counted = window as unknown as { asked: number };
  navigator.geolocation.getCurrentPosition = () => {
    counted.asked++;
  };
};

const join = (id?: string, options: BrowserContextOptions = {}): Promise<ChatPage> =>
  demo.join(id, { ...options, before: counting });

const askedIn = ({ page }: ChatPage): Promise<number> =>
  page.evaluate(() => (window as unknown as { asked: number }).asked);

const stateOf = ({ page }: ChatPage): Promise<string | null> =>
  page.getByTestId('tool').first().getAttribute('data-state');

const endsWith = (chat: ChatPage, text: string): Promise<void> =>
  until(async () => (await chat.lastText()).endsWith(text), `ends with ${text}`);

describe('a tool that browsers execute', () => {
  it('is executed once with two open, and the answer goes on in both', async () => {
    const a = await join(undefined, tells);
    const b = await join(a.id, { ...phone, ...tells });
    await a.send('Where am I?');
    for (const chat of [a, b]) {
      await endsWith(chat, `You are at **${place.latitude}, ${place.longitude}**. 🧭`);
      await untilEqual(() => chat.status(), 'ready');
      expect(await stateOf(chat)).toBe('output-available');
    }
    expect((await askedIn(a)) + (await askedIn(b))).toBe(1);
    expect(await a.texts()).toEqual(await b.texts());
    await b.reload();
    await endsWith(b, '🧭');
    expect(await askedIn(b)).toBe(0);
  });

  it('is executed by the browser that asked, and by another one when that one is gone', async () => {
    const a = await join(undefined, tells);
    const b = await join(a.id, { ...phone, ...tells });
    for (const _ of [1, 2, 3]) {
      await a.send('Where am I?');
      await endsWith(b, '🧭');
      await untilEqual(() => a.status(), 'ready');
      await untilEqual(() => b.status(), 'ready');
    }
    expect([await askedIn(a), await askedIn(b)]).toEqual([3, 0]);
    await a.page.evaluate(neverTells);
    await a.send('Where am I?');
    await until(async () => (await askedIn(a)) === 4, 'asked');
    await a.page.close();
    // The claim of the other one has to run out, and a browser may take its time to say where it is.
    await until(async () => (await b.texts()).length === 8, 'answered', 60_000);
    await endsWith(b, '🧭');
    expect(await askedIn(b)).toBe(1);
  });

  it('says in the answer that the browser would not tell', async () => {
    const a = await join();
    await a.send('Where am I?');
    await endsWith(a, 'Another time, then. 🧭');
    expect(await stateOf(a)).toBe('output-error');
  });
});

describe('a tool that asks first', () => {
  it('asks on every page, is allowed on a phone, and runs for the desktop', async () => {
    const a = await join();
    await a.send('Book a table for two');
    await untilEqual(() => stateOf(a), 'approval-requested');
    const b = await join(a.id, phone);
    await b.page.getByRole('button', { name: 'Allow' }).click();
    for (const chat of [a, b]) {
      await endsWith(chat, 'at The Lantern. 🕯️');
      await untilEqual(() => chat.status(), 'ready');
      expect(await stateOf(chat)).toBe('output-available');
    }
    expect(await a.texts()).toEqual(await b.texts());
  });

  it('is denied after a reload, and the model hears of it', async () => {
    const a = await join();
    await a.send('Book a table for two');
    await untilEqual(() => stateOf(a), 'approval-requested');
    await a.reload();
    await a.page.getByRole('button', { name: 'Deny' }).click();
    await endsWith(a, '🕯️');
    expect(await a.lastText()).toContain('Not booked');
    await untilEqual(() => stateOf(a), 'output-denied');
  });
});

it('a stop ends a tool that takes half a minute', async () => {
  const a = await join();
  await a.send('A survey of the harbour');
  await untilEqual(() => stateOf(a), 'input-available');
  await a.stop();
  await untilEqual(() => stateOf(a), 'output-error');
  await untilEqual(() => a.status(), 'ready');
  // Nobody has failed: it was meant.
  await a.page.getByTestId('tool').getByText('was stopped', { exact: true }).waitFor();
  await a.send('Where was I?');
  await endsWith(a, '.');
  // The mark lasts: behind later messages, after a reload, on another device.
  await a.reload();
  for (const chat of [a, await join(a.id, phone)]) {
    await untilEqual(() => chat.page.getByTestId('ending').allTextContents(), ['Stopped here']);
    await untilEqual(() => chat.page.getByText('was stopped', { exact: true }).count(), 1);
  }
});

it('an approval that the next message leaves behind is not shown as forbidden', async () => {
  const a = await join();
  await a.send('Book a table for two');
  await untilEqual(() => stateOf(a), 'approval-requested');
  await untilEqual(() => a.status(), 'ready');
  await a.send('What is the weather in Oslo?');
  await endsWith(a, '🧥');
  await untilEqual(() => stateOf(a), 'output-denied');
  await a.page.getByTestId('tool').first().getByText('was left undecided').waitFor();
});

it('what is added while a tool is at work changes the form of the answer, and not the question', async () => {
  const a = await join();
  await a.send('What is the weather in Oslo?');
  await untilEqual(() => stateOf(a), 'input-available');
  await a.steer('In one line, please');
  await until(async () => (await a.lastText()).includes('km/h.'), 'answered in one line');
  await untilEqual(() => a.status(), 'ready');
  expect(await a.lastText()).not.toContain('| Temperature |');
});

it('messages that are sent without a network are sent by the next page, in order, without what was taken back', async () => {
  const a = await join();
  await a.networkSwitch.click();
  await untilEqual(() => a.connection(), 'connecting');
  const [one, two, three] = ['weather in Oslo', 'weather in Rome', 'weather in Bergen'];
  for (const text of [one, two, three]) await a.send(text);
  const pending = () => a.page.getByTestId('pending-text').allTextContents();
  await untilEqual(pending, [one, two, three]);
  await a.page.getByRole('button', { name: `Take back: ${two}` }).click();
  await untilEqual(pending, [one, three]);
  await a.reload();
  await until(async () => (await a.texts()).length === 4, 'answered');
  await endsWith(a, '🧥');
  await untilEqual(() => a.status(), 'ready');
  expect((await a.texts()).filter((_, at) => at % 2 === 0)).toEqual([one, three]);
  expect(await pending()).toEqual([]);
});
