// Agents that stand on pages, in memory.
import { createHoldfast } from '@holdfast/server';
import type { UIMessageChunk } from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { said } from '../model.ts';
import { notify } from '../notify.ts';
import { agent, type ChatMessage } from '../parts.ts';

function setUp() {
  const holdfast = createHoldfast({ authorize: () => ({ id: 'ann' }) });
  onTestFinished(() => holdfast.close());
  return holdfast;
}

test('a program of the server speaks up in a chat, once', async () => {
  const holdfast = setUp();
  const note = { command: 'report of monday', text: 'Your report is ready.' };
  expect(await notify(holdfast, 'c1', note)).toMatchObject({ state: 'finished' });
  expect(await notify(holdfast, 'c1', note)).toMatchObject({ state: 'finished' });
  const { messages } = await holdfast.session('c1').state();
  expect(messages).toMatchObject([{ role: 'assistant', parts: [{ text: note.text }] }]);
});

test('parts and metadata of an agent are kept, and transient parts are told to who is there', async () => {
  const holdfast = setUp();
  const message = { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Where?' }] };
  const body = JSON.stringify({ id: 'c1', trigger: 'submit-message', messages: [message] });
  const headers = { 'content-type': 'application/json' };
  const request = new Request('http://localhost/api/chat', { method: 'POST', headers, body });
  const response = await holdfast.handle(request, { agent, path: [] });
  const chunks = (await response.text())
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event): UIMessageChunk => JSON.parse(event.slice('data: '.length)));
  expect(chunks).toContainEqual({ type: 'data-progress', data: 0.5, transient: true });
  const { messages } = await holdfast.session<ChatMessage>('c1').state();
  const { parts = [], metadata } = messages[1] ?? {};
  expect(metadata?.usage).toMatchObject({ outputTokens: 60 });
  expect(parts.filter(({ type }) => type.startsWith('data-'))).toMatchObject([
    { type: 'data-place', data: { name: 'Kyoto' } },
  ]);
  expect(parts).toContainEqual(expect.objectContaining({ type: 'text', text: said }));
});
