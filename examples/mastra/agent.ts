import type { Agent } from '@holdfast/server';
import { toAISdkStream } from '@mastra/ai-sdk';
import { assistant } from './assistant.ts';

export const agent: Agent = async ({ messages, signal }) => {
  const output = await assistant.stream(messages, { abortSignal: signal });
  return toAISdkStream(output, {
    from: 'agent',
    version: 'v7',
    sendReasoning: true,
    // The adapter would show users the error's own words.
    onError: () => 'An error occurred.',
  });
};
