import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import { expectHarmless, payloads } from './support/hostile.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(async () => {
  await chat.page.context().close();
});

describe('a hostile answer', () => {
  it('S12: runs nothing, loads nothing, and is shown as the text that it is', async () => {
    const pieces = payloads.flatMap((payload) => [...chunks(`${payload}\n\n`, 7)]);
    chat = await stage.chat();
    const hosts = new Set<string>();
    chat.page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
    const navigations: string[] = [];
    chat.page.on('framenavigated', (frame) => navigations.push(frame.url()));
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
    expect(chat.errors).toEqual([]);
  });
});

/** Cuts a text where a stream might: in the middle of everything. */
function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
