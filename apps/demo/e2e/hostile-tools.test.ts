import { expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import { expectHarmless, payloads } from './support/hostile.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';

const { join } = scriptedDemo(1);

/** A browser that never says where it is, so that somebody else can. */
const silent = () => {
  navigator.geolocation.getCurrentPosition = () => {};
};

const hostile = payloads.join('\n\n');

/** As another client of the same chat would, that nobody has written a page for. */
async function post(chat: ChatPage, path: string, body: object): Promise<Response> {
  const { origin } = new URL(chat.page.url());
  return await fetch(`${origin}/api/chat${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** The call of the newest answer, once it stands open. */
async function callOf({ page, id }: ChatPage) {
  const { origin } = new URL(page.url());
  let found: { messageId: string; toolCallId: string } | undefined;
  await until(async () => {
    const response = await fetch(`${origin}/api/chat/${id}`);
    const { messages } = (await response.json()) as {
      messages: { id: string; parts: { toolCallId?: string; state?: string }[] }[];
    };
    const last = messages.at(-1);
    const part = last?.parts.find(({ state }) => state === 'input-available');
    if (last && part?.toolCallId) found = { messageId: last.id, toolCallId: part.toolCallId };
    return found !== undefined;
  }, 'the call is open');
  return found as { messageId: string; toolCallId: string };
}

it('S12: what a tool gives, and a model makes of it, runs nothing and loads nothing in any page', async () => {
  const chat = await join(undefined, { before: silent });
  const hosts = new Set<string>();
  chat.page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
  await chat.send('Where am I?');
  const { messageId, toolCallId } = await callOf(chat);
  const output = { latitude: hostile, longitude: hostile };
  const answers = [{ type: 'tool-output-available', toolCallId, output }];
  expect((await post(chat, `/${chat.id}/answer`, { messageId, answers })).status).toBe(200);
  await until(async () => (await chat.lastText()).endsWith('🧭'), 'the model has repeated it');
  await untilEqual(() => chat.status(), 'ready');
  expect(await chat.lastText()).toContain(payloads[0]);
  await chat.page.getByTestId('tool').locator('summary').click();
  await expectHarmless(chat);
  // And as history, which the server paints.
  await chat.reload();
  await until(async () => (await chat.lastText()).endsWith('🧭'), 'is there again');
  await expectHarmless(chat);
  expect([...hosts]).toEqual(['127.0.0.1']);
});

it('S12: neither does why a tool failed, nor what another user says', async () => {
  const chat = await join(undefined, { before: silent });
  const hosts = new Set<string>();
  chat.page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
  await chat.send('Where am I?');
  const { messageId, toolCallId } = await callOf(chat);
  const answers = [{ type: 'tool-output-error', toolCallId, errorText: hostile }];
  expect((await post(chat, `/${chat.id}/answer`, { messageId, answers })).status).toBe(200);
  await until(async () => (await chat.lastText()).endsWith('🧭'), 'the model has gone on');
  await untilEqual(() => chat.status(), 'ready');
  await chat.page.getByTestId('tool').locator('summary').click();
  await expectHarmless(chat);
  const message = { id: 'm', role: 'user', parts: [{ type: 'text', text: hostile }] };
  const send = { id: chat.id, command: 'm', trigger: 'submit-message', wake: false, message };
  expect((await post(chat, '', send)).status).toBe(200);
  await until(async () => (await chat.lastText()) === hostile, 'is shown as it was typed');
  await expectHarmless(chat);
  expect([...hosts]).toEqual(['127.0.0.1']);
});
