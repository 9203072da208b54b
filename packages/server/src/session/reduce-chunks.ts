import { type Chunk, isTransient, type Message } from '@holdfast/protocol';
import { createUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import { textMessage } from './text-message.ts';

/** The message of the chunks up to the one that the reducer gave up on, if it did. */
interface Reduced {
  /** Null when it gave up. */
  readonly message: Message | null;
  /** How many chunks it took. */
  readonly taken: number;
}

/**
 * The message that the AI SDK's own reducer makes of chunks. Where it gives up on one, the message is
 * what the chunks before that made. `readUIMessageStream` would copy the whole message behind every
 * chunk; the stream that servers write into has the same reducer, and shows the message once, at its
 * end.
 */
export async function reduceChunks(id: string, chunks: readonly Chunk[]): Promise<Message> {
  let last: Message = { id, role: 'assistant', parts: [] };
  for (const response of responsesOf(chunks)) {
    const shown = withoutSilentEnd(response);
    const text = textMessage(id, shown);
    const { message, taken } = text ? { message: text, taken: 0 } : await reduce(id, shown);
    if (!message)
      return (await reduce(id, withoutSilentEnd(shown.slice(0, taken)))).message ?? last;
    last = message;
  }
  return last;
}

async function reduce(id: string, chunks: readonly Chunk[]): Promise<Reduced> {
  let message: Message | null = null;
  let taken = 0;
  const stream = createUIMessageStream<UIMessage>({
    execute: ({ writer }) => {
      // A copy, because the reducer keeps data chunks as parts and writes into them later.
      for (const chunk of chunks) writer.write({ ...chunk } as UIMessageChunk as never);
    },
    generateId: () => id,
    // An `error` chunk is part of the history; the run's outcome says that it failed.
    onError: () => '',
    onFinish: ({ responseMessage }) => {
      message = responseMessage as unknown as Message;
    },
  });
  const reader = stream.getReader();
  try {
    while (!(await reader.read()).done) taken++;
  } catch {
    message = null;
  }
  return { message, taken };
}

/** A `start` with another id begins another response, in the place of the one before: one, in our logs. */
function responsesOf(chunks: readonly Chunk[]): readonly (readonly Chunk[])[] {
  const begins: number[] = [0];
  let id: unknown = '';
  for (const [at, { type, messageId }] of chunks.entries()) {
    if (type !== 'start' || messageId == null || messageId === id) continue;
    if (at > 0) begins.push(at);
    id = messageId;
  }
  return begins.map((begin, at) => chunks.slice(begin, begins[at + 1]));
}

/**
 * The chunks without those at the end behind which the SDK shows nothing new: clients have not seen the
 * step that begins with the last one either.
 */
function withoutSilentEnd(chunks: readonly Chunk[]): readonly Chunk[] {
  const end = chunks.findLastIndex((chunk) => !isSilent(chunk)) + 1;
  return end === chunks.length ? chunks : chunks.slice(0, end);
}

const silent: ReadonlySet<string> = new Set(['abort', 'error', 'finish-step', 'start-step']);

const isSilent = (chunk: Chunk): boolean => {
  const { type, messageId, messageMetadata } = chunk;
  return (
    silent.has(type) ||
    isTransient(chunk) ||
    (type === 'start' && messageId == null && messageMetadata == null) ||
    (type === 'finish' && messageMetadata == null)
  );
};
