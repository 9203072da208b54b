// The agent of the pages beside: it takes steering messages, and has a tool that pages execute.
import type { Agent } from '@holdfast/server';
import {
  convertToModelMessages,
  type InferUITools,
  stepCountIs,
  streamText,
  tool,
  type UIDataTypes,
  type UIMessage,
} from 'ai';
import { z } from 'zod';
import { model } from './model.ts';

export const tools = {
  timeZone: tool({
    description: 'The time zone of the user',
    inputSchema: z.object({}),
    outputSchema: z.string(),
  }),
};

/** The messages of these pages. */
export type ChatMessage = UIMessage<unknown, UIDataTypes, InferUITools<typeof tools>>;

export const agent: Agent<ChatMessage> = async ({ messages, signal, steering }) =>
  streamText({
    model,
    tools,
    messages: await convertToModelMessages(messages),
    stopWhen: stepCountIs(10),
    abortSignal: signal,
    ...(steering && { experimental_steering: steering }),
  });
