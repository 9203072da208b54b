// Stands for `openai('gpt-5-mini')`, so that no example needs a key.
import { simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

/** What it says, one word after the other. */
export const said = Array.from({ length: 60 }, (_, at) => `word${at}`).join(' ');

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 60, text: 60, reasoning: 0 },
};

/** Ms between two words. */
const paceOf = (question: string): number => {
  if (question.includes('very slowly')) return 300;
  if (question.includes('rather slowly')) return 50;
  return question.includes('slowly') ? 20 : 0;
};

/** Says it at once; or at a pace at which one can interrupt, or read, when it is asked to say it (very, rather) slowly. */
export const model = new MockLanguageModelV4({
  doStream: async ({ prompt }) => ({
    stream: simulateReadableStream({
      chunkDelayInMs: paceOf(JSON.stringify(prompt.at(-1))),
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
