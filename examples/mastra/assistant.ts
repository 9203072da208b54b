// Stands for `new Agent({ … })` of `@mastra/core`, which brings 390 packages: it streams what such an agent does.
import { ReadableStream } from 'node:stream/web';
import { said } from '../model.ts';

type Chunk = { readonly type: string; readonly payload: object };

const output = { usage: { inputTokens: 1, outputTokens: 60, totalTokens: 61 }, steps: [] };
const stepResult = { reason: 'stop', warnings: [], isContinued: false };
const finish = { stepResult, output, metadata: {}, messages: { all: [], user: [], nonUser: [] } };

async function* chunks(question: string, signal: AbortSignal): AsyncGenerator<Chunk> {
  yield { type: 'start', payload: {} };
  yield { type: 'step-start', payload: { request: {}, warnings: [] } };
  if (question.includes('fail'))
    return yield { type: 'error', payload: { error: new Error('a secret of the provider') } };
  yield { type: 'text-start', payload: { id: '1' } };
  for (const text of said.split(/(?= )/)) {
    await new Promise((resolve) => setTimeout(resolve, question.includes('slowly') ? 20 : 0));
    if (signal.aborted) return yield { type: 'abort', payload: {} };
    yield { type: 'text-delta', payload: { id: '1', text } };
  }
  yield { type: 'text-end', payload: { id: '1' } };
  yield { type: 'step-finish', payload: { ...finish, id: 's1' } };
  yield { type: 'finish', payload: finish };
}

export const assistant = {
  stream: async (messages: readonly object[], { abortSignal }: { abortSignal: AbortSignal }) => {
    const question = JSON.stringify(messages.at(-1));
    const all = chunks(question, abortSignal);
    const fullStream = ReadableStream.from(
      (async function* () {
        for await (const chunk of all) yield { runId: 'r1', from: 'AGENT', ...chunk };
      })(),
    );
    return { fullStream } as never;
  },
};
