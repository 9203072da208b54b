// An agent with tools in a process of its own, for `fork`: the address of Redis and the prefix of its keys.
import { createRedisLog } from '@holdfast/log/redis';
import { call, say, scriptedModel } from '@holdfast/testkit/scripted-model';
import { convertToModelMessages, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { startServer } from './server.ts';

const [redis = '', prefix = ''] = process.argv.slice(2);

const opened = Promise.withResolvers<void>();
process.on('message', () => opened.resolve());

const inputSchema = z.object({});
const tools = {
  look: tool({
    inputSchema,
    execute: async () => {
      process.send?.({ looking: true });
      await opened.promise;
      return 'seen';
    },
  }),
  ask: tool({ inputSchema }),
  book: tool({
    inputSchema,
    // As version 6 is told; 7 is by `toolApproval`.
    ...(process.env.AI_SDK === '6' ? { needsApproval: true } : {}),
    execute: async () => {
      process.send?.({ booked: true });
      return 'booked';
    },
  }),
};

const server = await startServer({
  log: createRedisLog({ redis, prefix }),
  whileBusy: ({ asked = 'parallel' }) => asked,
  agent: async ({ messages, signal, steering, prepareStep }) => {
    const asked = messages.findLast(({ role }) => role === 'user')?.parts.at(-1);
    const name = asked && 'text' in asked ? asked.text : '';
    const isAnswered = messages.at(-1)?.role === 'assistant';
    const model = scriptedModel({
      script: ({ index, options }) => {
        if (index === 0 && !isAnswered && name in tools) return [call(name, {})];
        const prompt = JSON.stringify(options.prompt);
        return [say([prompt.includes('Be brief.') ? 'Brief.' : `re: ${name}`])];
      },
    });
    return streamText({
      model,
      tools,
      toolApproval: { book: 'user-approval' },
      // The request is signed, and refused without its signature when the run goes on.
      experimental_toolApprovalSecret: 'a secret of the tests',
      stopWhen: stepCountIs(10),
      messages: await convertToModelMessages(messages, { tools } as never),
      experimental_steering: steering,
      prepareStep,
      abortSignal: signal,
      onError: () => {},
    } as unknown as Parameters<typeof streamText>[0]);
  },
});

process.on('disconnect', () => process.exit(0));
process.send?.({ api: server.api });
