// Stands for `openai('gpt-5-mini')`, so that no example needs a key.
import { simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

/** What it says, one word after the other. */
export const said = Array.from({ length: 60 }, (_, at) => `word${at}`).join(' ');

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 60, text: 60, reasoning: 0 },
};

/** Says it at once; or at a pace at which one can interrupt, when it is asked to say it slowly. */
export const model = new MockLanguageModelV4({
  doStream: async ({ prompt }) => ({
    stream: simulateReadableStream({
      chunkDelayInMs: JSON.stringify(prompt.at(-1)).includes('slowly') ? 20 : 0,
      chunks: [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '1' },
        ...said.split(/(?= )/).map((delta) => ({ type: 'text-delta' as const, id: '1', delta })),
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage },
      ],
    }),
  }),
});
