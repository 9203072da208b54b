// The scripted model, which calls a tool where it is asked for a time zone.
import { simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { model as says } from '../model.ts';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

export const model = new MockLanguageModelV4({
  doStream: async (options) => {
    if (!/"user".*time zone/.test(JSON.stringify(options.prompt.at(-1))))
      return says.doStream(options);
    return {
      stream: simulateReadableStream({
        chunks: [
          { type: 'stream-start', warnings: [] },
          {
            type: 'tool-call',
            toolCallId: crypto.randomUUID(),
            toolName: 'timeZone',
            input: '{}',
          },
          { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage },
        ],
      }),
    };
  },
});
