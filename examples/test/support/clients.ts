import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { type ChatTransport, DefaultChatTransport, type UIMessage, type UIMessageChunk } from 'ai';

export type Stream = ReadableStream<UIMessageChunk>;

/** The AI SDK's own transport, as it comes. */
export const stockClient = (url: string, api = '/api/chat'): ChatTransport<UIMessage> =>
  new DefaultChatTransport({ api: `${url}${api}`, headers: { cookie: 'user=ann' } });

const opened = new Set<HoldfastChatTransport>();

/** Our own, over one carrier; it has a token, so that the socket is signed in by its first frame. */
export function client(
  url: string,
  carrier: 'auto' | 'socket' | 'http' = 'socket',
): HoldfastChatTransport {
  const transport = createChatTransport({ api: `${url}/api/chat`, token: 'ann', carrier });
  opened.add(transport);
  return transport;
}

export function closeClients(): void {
  for (const transport of opened) transport.close();
  opened.clear();
}

/** Sends a question in a chat of its own. */
export async function ask(
  transport: ChatTransport<UIMessage>,
  text = 'Say it',
): Promise<{ readonly chatId: string; readonly stream: Stream }> {
  const chatId = crypto.randomUUID();
  const question: UIMessage = {
    id: crypto.randomUUID(),
    role: 'user',
    parts: [{ type: 'text', text }],
  };
  const stream = await transport.sendMessages({
    trigger: 'submit-message',
    chatId,
    messageId: undefined,
    messages: [question],
    abortSignal: undefined,
  });
  return { chatId, stream };
}

/** Reads until some words of the answer have come, and leaves the rest. */
export async function readWords(stream: Stream, words: number): Promise<string> {
  const reader = stream.getReader();
  let text = '';
  while (text.split(' ').length < words) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`unable to read ${words} words: the stream ended behind "${text}"`);
    if (value.type === 'text-delta') text += value.delta;
  }
  reader.releaseLock();
  return text;
}

/** Reads to the end: what was said, and how it ended. */
export async function readAll(
  stream: Stream | null,
): Promise<{ readonly text: string; readonly end: string }> {
  if (stream === null) return { text: '', end: 'nothing' };
  const reader = stream.getReader();
  let text = '';
  let end = 'cut';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text, end };
      if (value.type === 'text-delta') text += value.delta;
      if (value.type === 'finish' || value.type === 'abort') end = value.type;
    }
  } catch (error) {
    // The SDK's own stops end so, behind a chunk that says it.
    if (error instanceof Error && error.name === 'AbortError') return { text, end };
    throw error;
  }
}
