import type { Agent } from '@holdfast/server';
import { convertToModelMessages, streamText } from 'ai';
import { sayingModel } from './model.ts';

/** An agent that writes one part of the answer; it is given what the parts before it wrote. */
export const writer =
  (...words: readonly string[]): Agent =>
  async ({ messages, signal }) =>
    streamText({
      model: sayingModel(words),
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
    });
