// An agent that writes parts of its own beside the model's answer, and tells what that took.
import type { Agent } from '@holdfast/server';
import {
  convertToModelMessages,
  createUIMessageStream,
  type LanguageModelUsage,
  streamText,
  type ToolSet,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { model } from './model.ts';

type Metadata = { usage?: LanguageModelUsage };
type DataParts = { place: { name: string }; progress: number };
export type ChatMessage = UIMessage<Metadata, DataParts>;

export const agent: Agent<ChatMessage> = async ({ messages, signal }) => {
  const prompt = await convertToModelMessages(messages);
  return createUIMessageStream<ChatMessage>({
    execute: ({ writer }) => {
      // Kept, and replaced by the next one of that id.
      writer.write({ type: 'data-place', id: 'place', data: { name: '…' } });
      writer.write({ type: 'data-place', id: 'place', data: { name: 'Kyoto' } });
      // For who is there now, in `onData`: it is no part of the message.
      writer.write({ type: 'data-progress', data: 0.5, transient: true });
      const result = streamText({ model, messages: prompt, abortSignal: signal });
      writer.merge(
        toUIMessageStream<ToolSet, ChatMessage>({
          stream: result.stream,
          messageMetadata: ({ part }) =>
            part.type === 'finish' ? { usage: part.totalUsage } : undefined,
        }),
      );
    },
  });
};
