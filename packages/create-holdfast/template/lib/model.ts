import { openai } from '@ai-sdk/openai';
import { type LanguageModel, simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

const words =
  `There is no OPENAI_API_KEY, so this answer stands in lib/model.ts. It is slow on purpose. Reload the
page now: the answer goes on where it is. Open the same address in a second tab: it is there, too, word by word. Press
Stop in one of them, and it ends in both. Then put your key into .env.local and ask again.`.split(
    /\s+(?=\S)/,
  );

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: words.length, text: words.length, reasoning: 0 },
};

const scripted = new MockLanguageModelV4({
  doStream: async () => ({
    stream: simulateReadableStream({
      chunkDelayInMs: 80,
      chunks: [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '1' },
        ...words.map((word) => ({ type: 'text-delta' as const, id: '1', delta: `${word} ` })),
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
      ],
    }),
  }),
});

/** Any model of the AI SDK. */
export const model: LanguageModel = process.env.OPENAI_API_KEY ? openai('gpt-5-mini') : scripted;
