import { streamText } from 'ai';
import { expect, test } from 'vitest';
import { withEnding } from '../lib/ending.ts';
import { scriptedModel } from '../lib/scripted-model/model.ts';

async function chunksOf(prompt: string, stopAt?: RegExp) {
  const stop = new AbortController();
  const options = { model: scriptedModel, prompt, abortSignal: stop.signal, onError: () => {} };
  const chunks: { readonly type: string; readonly messageMetadata?: unknown }[] = [];
  try {
    for await (const chunk of withEnding(streamText(options)).toUIMessageStream()) {
      chunks.push(chunk);
      if (chunk.type === 'text-delta' && stopAt?.test(chunk.delta)) stop.abort();
    }
  } catch (error) {
    chunks.push({ type: `thrown: ${(error as Error).message}` });
  }
  return chunks;
}

const marks = async (...given: Parameters<typeof chunksOf>) =>
  (await chunksOf(...given)).filter(({ type }) => type === 'message-metadata');

test('an answer that is stopped says so in its message', async () => {
  expect(await marks('Tell me a long story', /keeper/)).toEqual([
    { type: 'message-metadata', messageMetadata: { ended: 'stopped' } },
  ]);
});

test('an answer that breaks off says so, in front of the error, behind which nothing counts', async () => {
  const chunks = await chunksOf('Answer with an error');
  expect(chunks.slice(-2)).toEqual([
    { type: 'message-metadata', messageMetadata: { ended: 'failed' } },
    { type: 'thrown: the scripted model was asked to fail' },
  ]);
});

test('an answer that is whole says nothing of its end', async () => {
  expect(await marks('Ask the panel')).toEqual([]);
});
