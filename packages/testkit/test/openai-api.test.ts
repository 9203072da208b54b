import { createOpenAI } from '@ai-sdk/openai';
import { type LanguageModel, streamText } from 'ai';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openAiApi } from '../src/openai-api.ts';
import { createGate } from '../src/scripted-model.ts';

const server = setupServer();
const openai = createOpenAI({ apiKey: 'none' });

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const models: readonly { readonly api: string; readonly model: LanguageModel }[] = [
  { api: 'responses', model: openai('gpt-5-mini') },
  { api: 'chat', model: openai.chat('gpt-5-mini') },
];

describe.each(models)('the $api API', ({ model }) => {
  test('streams the text to the real provider', async () => {
    const api = openAiApi({ pieces: ['Hel', 'lo, ', 'world'] });
    server.use(...api.handlers);
    const pieces: string[] = [];
    for await (const piece of streamText({ model, prompt: 'Hi' }).textStream) pieces.push(piece);
    expect(pieces).toEqual(['Hel', 'lo, ', 'world']);
    expect(await api.requests[0]?.ended).toBe('finished');
    expect(api.requests[0]?.body).toMatchObject({ model: 'gpt-5-mini', stream: true });
  });

  test('sees that the caller hung up in mid-stream', async () => {
    const gate = createGate();
    const api = openAiApi({ pieces: ['Hel', 'lo'], gate });
    server.use(...api.handlers);
    const abort = new AbortController();
    const reply = streamText({ model, prompt: 'Hi', abortSignal: abort.signal });
    const types: string[] = [];
    gate.open();
    for await (const chunk of reply.toUIMessageStream()) {
      types.push(chunk.type);
      if (chunk.type !== 'text-delta') continue;
      await gate.arrival();
      abort.abort();
    }
    expect(types.at(-1)).toBe('abort');
    expect(await api.requests[0]?.ended).toBe('aborted');
    expect(api.requests[0]?.written).toBe(1);
  });
});
