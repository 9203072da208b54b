// What an application's server writes, with every entry point that it may import.
import { createServer } from 'node:http';
import { createMemoryLog } from '@holdfast/log';
import { createEncryptedLog } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import { HoldfastError } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { type Agent, createHoldfast } from '@holdfast/server';
import { bullmqDispatch, bullmqWorker } from '@holdfast/server/bullmq';
import { toRouteHandlers } from '@holdfast/server/next';
import { toNodeHandler } from '@holdfast/server/node';
import { convertToModelMessages, type LanguageModel, streamText, type UIMessage } from 'ai';

declare const model: LanguageModel;

type ChatMessage = UIMessage<{ model?: string }, { place: { name: string } }>;

export const holdfast = createHoldfast({
  authorize: ({ action, sessionId }) => {
    if (action === 'delete' || sessionId === null) return null;
    return { id: 'somebody' };
  },
});

const agent: Agent = async ({ messages, signal, prepareStep }) =>
  streamText({
    model,
    messages: await convertToModelMessages(messages),
    abortSignal: signal,
    prepareStep,
  });

export const { GET, POST, DELETE } = toRouteHandlers(holdfast, agent);

const server = createServer(toNodeHandler(holdfast, { api: '/api/chat', agent }));
holdfast.attach(server);

export async function newest(id: string): Promise<string | undefined> {
  const { messages } = await holdfast.session<ChatMessage>(id).state();
  for (const part of messages.at(-1)?.parts ?? [])
    if (part.type === 'data-place') return part.data.name;
  // @ts-expect-error: no such kind of part, so that this would not be `any` unnoticed.
  return messages.at(-1)?.parts.find((part) => part.type === 'data-nothing')?.type;
}

export const others = [
  createMemoryLog,
  createEncryptedLog,
  createRedisLog,
  bullmqDispatch,
  bullmqWorker,
  HoldfastError,
  SessionProjection,
];
