// What all of these programs serve: one agent, as an application has it whatever its host is.
import type { Agent } from '@holdfast/server';
import { convertToModelMessages, streamText } from 'ai';
import { model } from './model.ts';

export const agent: Agent = async ({ messages, signal }) =>
  streamText({ model, messages: await convertToModelMessages(messages), abortSignal: signal });
