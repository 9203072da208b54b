import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatPage } from './support/chat-page.ts';
import { Stage } from './support/stage.ts';
import { until, untilEqual } from './support/until.ts';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(async () => {
  expect(chat.errors).toEqual([]);
  await chat.page.context().close();
});

const newChat = () => chat.page.getByRole('button', { name: 'New chat' }).click();
const away = () =>
  until(
    async () => !chat.page.url().endsWith(chat.id) && (await chat.texts()).length === 0,
    'away',
  );

describe('leaving a chat for another one', () => {
  it('does not stop its answer; a link leads back to all of it', async () => {
    chat = await stage.chat();
    const answer = stage.answer();
    await chat.send(answer.prompt);
    await stage.say(answer, 10, chat);
    await newChat();
    await away();
    await stage.sayUnseen(answer, 10, 20, chat.id);
    await chat.page.getByRole('link', { name: answer.prompt }).click();
    await chat.shows(answer.pieces.slice(0, 20).join(''));
    await stage.say(answer, 10, chat);
    answer.gate.openForGood();
    await chat.holds([answer.prompt, answer.text]);

    const second = stage.answer(20);
    second.gate.openForGood();
    await chat.send(second.prompt);
    await chat.holds([answer.prompt, answer.text, second.prompt, second.text]);
    expect(answer.requests.map(({ end }) => end)).toEqual(['finished']);
  });

  it('and going back in the history shows what happened meanwhile', async () => {
    chat = await stage.chat();
    const first = stage.answer(20);
    const second = stage.answer();
    first.gate.openForGood();
    await chat.send(first.prompt);
    await chat.holds([first.prompt, first.text]);
    await chat.send(second.prompt);
    await stage.say(second, 10, chat);
    await newChat();
    await away();
    await chat.page.goBack();
    await stage.say(second, 10, chat);
    second.gate.openForGood();
    await chat.holds([first.prompt, first.text, second.prompt, second.text]);

    await newChat();
    await away();
    await chat.page.goBack();
    await chat.holds([first.prompt, first.text, second.prompt, second.text]);
  });
});

describe('a second tab', () => {
  const secondTab = async () =>
    await new ChatPage(await chat.page.context().newPage(), stage.origin, chat.id).open();

  it('follows an answer that the first one asked for, and can stop it', async () => {
    chat = await stage.chat();
    const answer = stage.answer();
    await chat.send(answer.prompt);
    await stage.say(answer, 10, chat);
    const tab = await secondTab();
    await stage.say(answer, 10, tab);
    await tab.stop();
    await untilEqual(() => tab.status(), 'ready');
    const kept = await tab.lastText();
    await tab.holds([answer.prompt, kept]);
    await chat.holds([answer.prompt, kept]);
    await expect(answer.requests[0]?.ended).resolves.toBe('aborted');
    expect(tab.errors).toEqual([]);
  });

  it('that was open before sees questions and answers of the first one', async () => {
    chat = await stage.chat();
    const tab = await secondTab();
    await untilEqual(() => tab.connection(), 'online');
    const answer = stage.answer();
    await chat.send(answer.prompt);
    await stage.say(answer, 10, chat);
    await tab.shows(answer.pieces.slice(0, 10).join(''));
    answer.gate.openForGood();
    await chat.holds([answer.prompt, answer.text]);
    await tab.holds([answer.prompt, answer.text]);

    const second = stage.answer(20);
    second.gate.openForGood();
    await tab.send(second.prompt);
    await tab.holds([answer.prompt, answer.text, second.prompt, second.text]);
    await chat.holds([answer.prompt, answer.text, second.prompt, second.text]);
    expect(second.requests).toHaveLength(1);
    expect(tab.errors).toEqual([]);
  });
});

describe("changing one's mind", () => {
  it('an answer can be asked for again', async () => {
    chat = await stage.chat();
    const answer = stage.answer(20);
    answer.gate.openForGood();
    await chat.send(answer.prompt);
    await chat.holds([answer.prompt, answer.text]);
    await chat.page.getByRole('button', { name: 'Answer again' }).click();
    await until(() => answer.requests.length === 2, 'asked again');
    await chat.holds([answer.prompt, answer.text]);
    await chat.reload();
    await chat.holds([answer.prompt, answer.text]);
  });

  it('a question can be edited, and what followed it is gone', async () => {
    chat = await stage.chat();
    const first = stage.answer(20);
    const changed = stage.answer(20);
    first.gate.openForGood();
    changed.gate.openForGood();
    await chat.send(first.prompt);
    await chat.holds([first.prompt, first.text]);
    await chat.edit(first.prompt, changed.prompt);
    await chat.holds([changed.prompt, changed.text]);
    await chat.reload();
    await chat.holds([changed.prompt, changed.text]);
  });
});
