import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatPage } from './support/chat-page.ts';
import type { Answer } from './support/openai-peer.ts';
import { Stage } from './support/stage.ts';
import { until, untilEqual } from './support/until.ts';
import { phone, Visitors } from './support/visitors.ts';

let stage: Stage;
const visitors = new Visitors(() => stage);

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(() => visitors.leave());

const join = visitors.join.bind(visitors);

async function everywhere(texts: readonly string[]): Promise<void> {
  for (const chat of visitors.pages) await chat.holds(texts);
}

/** A turn that is over. */
async function turn(chat: ChatPage, pieces = 12): Promise<Answer> {
  const answer = stage.answer(pieces);
  answer.gate.openForGood();
  await chat.send(answer.prompt);
  await until(async () => (await chat.lastText()) === answer.text, 'answered');
  return answer;
}

describe('one session in several pages', () => {
  it('a question and its answer are seen live in a page that was idle, and on a phone', async () => {
    const a = await join();
    const b = await join(a.id);
    const c = await join(a.id, phone);
    const answer = stage.answer();
    await a.send(answer.prompt);
    await stage.say(answer, 10, a);
    for (const chat of [b, c]) {
      await chat.shows(answer.pieces.slice(0, 10).join(''));
      expect(await chat.status()).toBe('streaming');
    }
    answer.gate.openForGood();
    await everywhere([answer.prompt, answer.text]);
    expect(answer.requests).toHaveLength(1);
  });

  it('a page that is opened in mid-stream shows everything at once, and goes on', async () => {
    const a = await join();
    const before = await turn(a);
    const answer = stage.answer();
    await a.send(answer.prompt);
    await stage.say(answer, 20, a);
    const c = await join(a.id);
    await c.shows(answer.pieces.slice(0, 20).join(''));
    expect((await c.texts()).slice(0, 3)).toEqual([before.prompt, before.text, answer.prompt]);
    await stage.say(answer, 10, c);
    answer.gate.openForGood();
    await everywhere([before.prompt, before.text, answer.prompt, answer.text]);
  });

  it('a stop in one page shows in the other, and both keep the same words', async () => {
    const a = await join();
    const b = await join(a.id, phone);
    const answer = stage.answer();
    await a.send(answer.prompt);
    await stage.say(answer, 15, b);
    await b.stop();
    await expect(answer.requests[0]?.ended).resolves.toBe('aborted');
    await untilEqual(() => a.status(), 'ready');
    const kept = await b.lastText();
    await everywhere([answer.prompt, kept]);
    await a.page.getByText('Stopped. What was written is kept.').waitFor();
  });

  it('an edit in one page is followed by another that watches', async () => {
    const a = await join();
    const b = await join(a.id);
    const first = await turn(a);
    const second = await turn(b);
    await everywhere([first.prompt, first.text, second.prompt, second.text]);
    const changed = stage.answer();
    await a.edit(first.prompt, changed.prompt);
    await stage.say(changed, 10, b);
    expect((await b.texts())[0]).toBe(changed.prompt);
    changed.gate.openForGood();
    await everywhere([changed.prompt, changed.text]);
    await b.reload();
    await everywhere([changed.prompt, changed.text]);
  });

  it('HF-AUTH-5: what somebody has written is changed on their own pages only', async () => {
    const a = await join();
    const stranger = await join(a.id);
    const own = await visitors.again(a);
    const first = await turn(a);
    await everywhere([first.prompt, first.text]);
    const pencil = (chat: ChatPage) => chat.page.getByRole('button', { name: 'Edit this message' });
    for (const chat of [a, own]) expect(await pencil(chat).count()).toBe(1);
    expect(await pencil(stranger).count()).toBe(0);
  });

  it('of two edits at once one wins, and the other page says so and shows the truth', async () => {
    const a = await join();
    const b = await visitors.again(a);
    const first = await turn(a);
    await everywhere([first.prompt, first.text]);
    const [winner, loser] = [stage.answer(12), stage.answer(12)];
    for (const { gate } of [winner, loser]) gate.openForGood();
    // Both have pressed Send before either is heard.
    const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
    await b.page.route('**/api/chat', async (route) => {
      await heard;
      await route.continue();
    });
    await b.edit(first.prompt, loser.prompt);
    await a.edit(first.prompt, winner.prompt);
    await a.holds([winner.prompt, winner.text]);
    hear();
    const alert = b.page.getByRole('alert').filter({ hasText: 'came in between' });
    await alert.waitFor();
    await untilEqual(() => b.texts(), [winner.prompt, winner.text]);
    // What lost is not lost: it can be sent again, over the other one.
    const editor = b.page.getByTestId('edit');
    expect(await editor.inputValue()).toBe(loser.prompt);
    expect(await alert.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(loser.requests).toHaveLength(0);
    await b.page.getByRole('log').getByRole('button', { name: 'Send' }).click();
    await everywhere([loser.prompt, loser.text]);
    expect(await alert.count()).toBe(0);
    // The browser itself says that a request was refused.
    expect(b.errors.splice(0)).toEqual([expect.stringContaining('409')]);
  });

  it('a page that was offline for a whole turn has all of it when it is back', async () => {
    const a = await join();
    const b = await join(a.id);
    const first = await turn(a);
    await everywhere([first.prompt, first.text]);
    await b.page.context().setOffline(true);
    const second = await turn(a);
    await b.page.context().setOffline(false);
    await everywhere([first.prompt, first.text, second.prompt, second.text]);
    const third = await turn(b);
    await everywhere([first, second, third].flatMap(({ prompt, text }) => [prompt, text]));
  });

  it('two questions at once are both there, once, in one order', async () => {
    const a = await join();
    const b = await join(a.id);
    const [x, y] = [stage.answer(30), stage.answer(30)];
    await Promise.all([a.send(x.prompt), b.send(y.prompt)]);
    for (const answer of [x, y]) answer.gate.openForGood();
    await until(async () => (await a.texts()).length === 4, 'four messages');
    for (const chat of [a, b]) await untilEqual(() => chat.status(), 'ready');
    await untilEqual(() => b.texts(), await a.texts());
    expect([...(await a.texts())].sort()).toEqual([x.prompt, x.text, y.prompt, y.text].sort());
  });
});

describe('the history of a long chat', () => {
  it('is rendered on the server, comes page by page, and leaves the reader where they are', async () => {
    const a = await join();
    const turns: Answer[] = [];
    for (let at = 0; at < 13; at++) turns.push(await turn(a, 6));
    const all = turns.flatMap(({ prompt, text }) => [prompt, text]);
    const response = await fetch(`${stage.origin}/chat/${a.id}`);
    const html = await response.text();
    expect(html).toContain(turns.at(-1)?.prompt);
    expect(html).not.toContain(`data-text="${turns[0]?.prompt}"`);
    // The page does not have the first question, and is called by it all the same.
    expect(html).toMatch(new RegExp(`<h1[^>]*>${turns[0]?.prompt}</h1>`));
    const b = await join(a.id);
    await b.holds(all.slice(-20));
    await b.page
      .getByTestId('messages')
      .evaluate((list) => list.firstElementChild?.scrollIntoView());
    const first = b.page.locator(`[data-testid=user][data-text="${all.at(-20)}"]`);
    const top = () => first.boundingBox();
    const before = (await top())?.y ?? 0;
    await b.page.getByRole('button', { name: 'Show older messages' }).click();
    await b.holds(all);
    expect(await b.page.getByRole('button', { name: 'Show older messages' }).count()).toBe(0);
    expect(Math.abs(((await top())?.y ?? 0) - before)).toBeLessThan(120);
    const next = await turn(b, 6);
    await everywhere([...all, next.prompt, next.text]);
  });

  it('shows no message twice and none too late while a page comes to life', async () => {
    const a = await join();
    const first = await turn(a);
    const second = await turn(a);
    const all = [first, second].flatMap(({ prompt, text }) => [prompt, text]);
    const b = await visitors.prepare(a.id);
    // Every list of messages that the page ever shows, from the server's HTML on.
    await b.page.addInitScript(() => {
      const seen: { text: string; parsing: boolean }[] = [];
      Object.assign(window, { seen });
      const look = () => {
        const texts = [...document.querySelectorAll('[data-testid=user], [data-testid=assistant]')];
        const text = texts.map((shown) => shown.getAttribute('data-text')).join('\n');
        if (texts.length === 0 || seen.at(-1)?.text === text) return;
        seen.push({ text, parsing: document.readyState === 'loading' });
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    });
    await b.open();
    await untilEqual(() => b.connection(), 'online');
    await b.holds(all);
    const seen = await b.page.evaluate(
      () => (window as unknown as { seen: { text: string; parsing: boolean }[] }).seen,
    );
    // HTML that arrives in pieces is shown in pieces: a beginning of the list, from the top.
    const whole = seen.filter(
      ({ text, parsing }) =>
        !(parsing && all.join('\n').startsWith(text) && text !== all.join('\n')),
    );
    expect(whole.map(({ text }) => text)).toEqual([all.join('\n')]);
  });
});

describe('who is there', () => {
  it('is shown, with who is typing, and is gone when the page is', async () => {
    const a = await join();
    const b = await join(a.id, phone);
    await a.page.getByTestId('presence').waitFor();
    await b.page.getByTestId('presence').waitFor();
    await b.page.getByRole('textbox', { name: 'Your message' }).pressSequentially('Hello');
    await a.page.getByText(/ is typing…/).waitFor();
    await b.page.getByRole('textbox', { name: 'Your message' }).fill('');
    await a.page.getByText(/ is typing…/).waitFor({ state: 'detached' });
    await b.page.context().close();
    await a.page.getByTestId('presence').waitFor({ state: 'detached' });
  });

  it('counts a second tab of the same browser once', async () => {
    const a = await join();
    const b = await join(a.id);
    const tab = new ChatPage(await b.page.context().newPage(), stage.origin, a.id);
    await tab.open();
    await untilEqual(() => tab.connection(), 'online');
    const names = () => a.page.getByTestId('presence').getAttribute('data-names');
    await tab.page.getByTestId('presence').waitFor();
    expect((await names())?.split(', ')).toHaveLength(1);
    expect(tab.errors).toEqual([]);
  });
});

it('a deletion is undone, fails, or ends the chat on all pages and stops its model', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  const answer = stage.answer();
  await a.send(answer.prompt);
  await stage.say(answer, 10, b);
  const listed = a.page.getByRole('link', { name: answer.prompt });
  const remove = async () => {
    await a.page.getByRole('button', { name: 'Delete this chat' }).click();
    await untilEqual(() => listed.count(), 0);
    await until(async () => !a.page.url().endsWith(a.id), 'in a new chat');
  };
  await remove();
  // Another tab of this browser that goes leaves it to this one.
  const other = await a.page.context().newPage();
  await other.goto(stage.origin);
  await other.locator('[data-connection=online]').waitFor();
  await other.goto('about:blank');
  await other.close();
  await a.page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => a.page.url().endsWith(a.id), 'back');
  await stage.say(answer, 2, b);
  await stage.say(answer, 2, a);

  // A failure is told, and the chat is in the list again.
  await a.page.route('**/api/chat/*', (route) => route.abort());
  await remove();
  await a.page.getByText('because the server could not be reached').waitFor();
  await listed.click();
  await until(async () => a.page.url().endsWith(a.id), 'back again');
  await stage.say(answer, 2, a);
  a.errors.splice(0);
  await a.page.unroute('**/api/chat/*');

  // Who leaves the page undoes nothing any more.
  await remove();
  await a.reload();
  await untilEqual(() => b.texts(), []);
  await b.page.getByText('This chat was deleted').waitFor();
  await expect(answer.requests[0]?.ended).resolves.toBe('aborted');
  const gone = await fetch(`${stage.origin}/api/chat/${b.id}`);
  expect(await gone.json()).toMatchObject({ messages: [] });
  b.errors.splice(0);
});
