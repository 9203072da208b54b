import type { Agent } from '@holdfast/server';
import { convertToModelMessages, isStepCount, type LanguageModel, streamText, tool } from 'ai';
import { z } from 'zod';

/** Payments that were made, in the place of a bank. */
export const payments: number[] = [];

/** The agent of the application; a test gives it another model. */
export const agentWith =
  (model: LanguageModel): Agent =>
  async ({ messages, signal }) =>
    streamText({
      model,
      system: 'You pay bills.',
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      stopWhen: isStepCount(5),
      tools: {
        pay: tool({
          inputSchema: z.object({ euros: z.number() }),
          needsApproval: true,
          execute: ({ euros }) => {
            payments.push(euros);
            return 'paid';
          },
        }),
      },
    });
