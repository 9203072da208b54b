import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import type { Answer } from './support/openai-peer.ts';
import { Stage } from './support/stage.ts';
import { untilEqual } from './support/until.ts';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(async () => {
  await chat?.page.context().close();
});

/** A chat whose answer has begun. */
async function begun(): Promise<Answer> {
  chat = await stage.chat();
  const answer = stage.answer();
  await chat.send(answer.prompt);
  await stage.say(answer, 10, chat);
  return answer;
}

/** Lets the answer end, and then a second one, and finds the chat to be exactly both. */
async function endsWell(answer: Answer): Promise<void> {
  answer.gate.openForGood();
  await chat.holds([answer.prompt, answer.text]);
  const second = stage.answer(20);
  second.gate.openForGood();
  await chat.send(second.prompt);
  await chat.holds([answer.prompt, answer.text, second.prompt, second.text]);
  expect(answer.requests).toHaveLength(1);
  expect(second.requests).toHaveLength(1);
}

describe('an answer', () => {
  it('streams, piece by piece, to its end', async () => {
    const answer = await begun();
    await stage.say(answer, 10, chat);
    expect(await chat.status()).toBe('streaming');
    await endsWell(answer);
    expect(chat.errors).toEqual([]);
  });

  it('survives a reload', async () => {
    const answer = await begun();
    await chat.reload();
    await stage.say(answer, 10, chat);
    await endsWell(answer);
    expect(chat.errors).toEqual([]);
  });

  it('survives many reloads', async () => {
    const answer = await begun();
    for (let round = 0; round < 4; round++) {
      await chat.reload();
      await stage.say(answer, 5, chat);
    }
    await endsWell(answer);
  });

  it('that ends while the page reloads is there afterwards', async () => {
    const answer = await begun();
    const reloading = chat.reload();
    answer.gate.openForGood();
    await reloading;
    await endsWell(answer);
  });

  it('survives five seconds without a network', async () => {
    const answer = await begun();
    // Chromium freezes an open socket then: nothing arrives, and nothing says why.
    await chat.page.context().setOffline(true);
    await untilEqual(() => chat.page.evaluate(() => navigator.onLine), false);
    await stage.sayUnseen(answer, 25, 200, chat.id);
    const shown = await chat.lastText();
    expect(answer.text.startsWith(shown)).toBe(true);
    expect(shown.length).toBeLessThan(answer.text.length / 2);
    await chat.page.context().setOffline(false);
    await endsWell(answer);
  });

  it('survives five seconds without a socket', async () => {
    const answer = await begun();
    await chat.networkSwitch.click();
    await untilEqual(() => chat.connection(), 'connecting');
    await stage.sayUnseen(answer, 25, 200, chat.id);
    expect(await chat.lastText()).toBe(answer.pieces.slice(0, 10).join(''));
    await chat.networkSwitch.click();
    await endsWell(answer);
    expect(chat.errors).toEqual([]);
  });

  it('survives the crash of the gateway', async () => {
    const answer = await begun();
    await stage.gateway.kill();
    await untilEqual(() => chat.connection(), 'connecting');
    await stage.sayUnseen(answer, 10, 50, chat.id);
    await stage.gateway.start();
    await untilEqual(() => chat.connection(), 'online');
    await endsWell(answer);
  });

  it('survives a reload while there is no gateway, over HTTP, and goes on when there is one', async () => {
    const answer = await begun();
    await stage.gateway.kill();
    await chat.reload();
    await stage.say(answer, 10, chat);
    await stage.gateway.start();
    await endsWell(answer);
  });

  it('that was stopped stays as it was shown', async () => {
    const answer = await begun();
    await chat.stop();
    await untilEqual(() => chat.status(), 'ready');
    const kept = await chat.lastText();
    expect(answer.text.startsWith(kept)).toBe(true);
    await expect(answer.requests[0]?.ended).resolves.toBe('aborted');
    await chat.reload();
    await chat.holds([answer.prompt, kept]);
    expect(await stage.logged(chat.id)).toBe(kept);

    const second = stage.answer(20);
    second.gate.openForGood();
    await chat.send(second.prompt);
    await chat.holds([answer.prompt, kept, second.prompt, second.text]);
    expect(chat.errors).toEqual([]);
  });

  it('that was stopped right after a reload stays stopped', async () => {
    const answer = await begun();
    await chat.reload();
    await stage.say(answer, 3, chat);
    await chat.stop();
    await untilEqual(() => chat.status(), 'ready');
    const kept = await chat.lastText();
    await expect(answer.requests[0]?.ended).resolves.toBe('aborted');
    await chat.reload();
    await chat.holds([answer.prompt, kept]);
  });
});
