import type { LanguageModel } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';

const id = 'text';
const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** Stands for `openai('gpt-5-mini')`, so that the example needs no key: says what it was told to say. */
export const sayingModel = (words: readonly string[]): LanguageModel =>
  new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        chunkDelayInMs: 20,
        chunks: [
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id },
          ...words.map((delta) => ({ type: 'text-delta' as const, id, delta })),
          { type: 'text-end', id },
          { type: 'finish', usage, finishReason: { unified: 'stop', raw: undefined } },
        ],
      }),
    }),
  });
