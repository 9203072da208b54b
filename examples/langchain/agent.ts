import { toBaseMessages, toUIMessageStream } from '@ai-sdk/langchain';
import type { Agent } from '@holdfast/server';
import { graph } from './graph.ts';

export const agent: Agent = async function* ({ messages, signal }) {
  const input = { messages: await toBaseMessages([...messages]) };
  const stream = await graph.stream(input, { streamMode: ['values', 'messages'], signal });
  for await (const chunk of toUIMessageStream(stream)) {
    // The adapter would show users the error's own words.
    if (chunk.type === 'error') throw new Error(chunk.errorText);
    yield chunk;
  }
};
