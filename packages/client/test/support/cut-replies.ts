import { type ChatTransportOptions, createChatTransport } from '@holdfast/client';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import { expect } from 'vitest';
import { freshId, type startServer } from './server.ts';

const words = Array.from({ length: 60 }, (_, at) => `${at} `);

/** An agent whose words come in many entries. */
export async function* wordByWord({
  signal,
}: {
  readonly signal: AbortSignal;
}): AsyncGenerator<UIMessageChunk> {
  yield { type: 'start' };
  yield { type: 'start-step' };
  for (const id of ['a', 'b']) {
    yield { type: 'text-start', id };
    for (const delta of words) {
      if (signal.aborted) return;
      yield { type: 'text-delta', id, delta };
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield { type: 'text-end', id };
  }
  yield { type: 'finish-step' };
  yield { type: 'finish' };
}

/** Limits with which some cuts are answered with a snapshot and some with a replay. */
export const narrow: NonNullable<Parameters<typeof startServer>[1]> = {
  limits: { replayBytes: 4_096, windowBytes: 8_192 },
};

/** Sends a message, and expects each word of its reply once, and in its order. */
export async function expectWholeReply(api: string, options: ChatTransportOptions): Promise<void> {
  const transport = createChatTransport<UIMessage>({
    api,
    environment: { random: () => 0 },
    limits: { ackBytes: 2_048, ackMs: 5 },
    ...options,
  });
  const chatId = freshId();
  const stream = await transport.sendMessages({
    chatId,
    trigger: 'submit-message',
    messageId: undefined,
    messages: [{ id: freshId(), role: 'user', parts: [{ type: 'text', text: 'go' }] }],
    abortSignal: undefined,
  });
  let message: UIMessage | undefined;
  for await (const state of readUIMessageStream({ stream, terminateOnError: true }))
    message = state;
  const { messages } = await transport.snapshot(chatId);
  transport.close();
  const text = words.join('');
  expect(message?.parts.map((part) => ('text' in part ? part.text : part.type))).toEqual([
    'step-start',
    text,
    text,
  ]);
  expect(JSON.parse(JSON.stringify(message))).toEqual(messages[1]);
}
