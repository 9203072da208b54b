// Agents of other frameworks, through the adapters that these have for the AI SDK.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorize } from '../authorize.ts';
import { agent as langchain } from '../langchain/agent.ts';
import { agent as mastra } from '../mastra/agent.ts';
import { said } from '../model.ts';
import { ask, readAll, readWords, stockClient } from './support/clients.ts';

describe.each(Object.entries({ langchain, mastra }))('%s', (_, agent) => {
  const errors: unknown[] = [];
  const holdfast = createHoldfast({ authorize, onError: (error) => errors.push(error) });
  const handle = toNodeHandler(holdfast, { agent });
  const http = createServer((request, response) => void handle(request, response));
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => http.listen(0, resolve));
    url = `http://localhost:${(http.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    http.close();
    await holdfast.close({ runsMs: 0 });
  });

  const messagesOf = async (chatId: string) => (await holdfast.session(chatId).messages()).messages;

  test('answers, word by word, and the session has it as one text', async () => {
    const { chatId, stream } = await ask(stockClient(url));
    expect(await readAll(stream)).toEqual({ text: said, end: 'finish' });
    const answer = (await messagesOf(chatId)).at(-1);
    expect(answer?.role).toBe('assistant');
    const texts = answer?.parts.filter(({ type }) => type === 'text');
    expect(texts).toMatchObject([{ text: said, state: 'done' }]);
  });

  test('is given the whole session, and answers again', async () => {
    const { chatId, stream } = await ask(stockClient(url));
    await readAll(stream);
    await holdfast.session(chatId).run({ agent: 'again' }, agent);
    const roles = (await messagesOf(chatId)).map(({ role }) => role);
    expect(roles).toEqual(['user', 'assistant', 'assistant']);
  });

  test('stops with the run', async () => {
    const { chatId, stream } = await ask(stockClient(url), 'Say it slowly');
    await readWords(stream, 3);
    const headers = { cookie: 'user=ann' };
    await fetch(`${url}/api/chat/${chatId}/stop`, { method: 'POST', headers });
    const { text, end } = await readAll(stream);
    expect([end, text.length < said.length]).toEqual(['abort', true]);
  });

  test('that fails shows no words of its provider', async () => {
    const { chatId, stream } = await ask(stockClient(url), 'Please fail');
    const chunks: object[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(JSON.stringify(chunks)).toContain('An error occurred.');
    expect(JSON.stringify(chunks)).not.toContain('secret');
    const { runs } = await holdfast.session(chatId).state();
    expect(runs).toMatchObject([{ state: 'failed' }]);
  });
});
