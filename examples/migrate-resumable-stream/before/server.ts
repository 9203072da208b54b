import { serve } from '@hono/node-server';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  generateId,
  streamText,
  toUIMessageStream,
  UI_MESSAGE_STREAM_HEADERS,
  type UIMessage,
} from 'ai';
import { Hono } from 'hono';
import { model } from '../../model.ts';
import { streams } from './pubsub.ts';

interface StoredChat {
  messages: UIMessage[];
  activeStreamId: string | null;
}
/** Stands for the application's database. */
const chats = new Map<string, StoredChat>();
/** What a stop endpoint has to find, in the process that has it. */
const running = new Map<string, AbortController>();

const chatOf = (id: string): StoredChat => {
  const chat = chats.get(id) ?? { messages: [], activeStreamId: null };
  chats.set(id, chat);
  return chat;
};

const app = new Hono();

app.post('/api/chat', async ({ req }) => {
  const { id, messages } = await req.json<{ id: string; messages: UIMessage[] }>();
  const chat = chatOf(id);
  chat.messages = messages;
  chat.activeStreamId = null;
  const streamId = generateId();
  const work = new AbortController();
  running.set(streamId, work);
  const result = streamText({
    model,
    messages: await convertToModelMessages(chat.messages),
    abortSignal: work.signal,
  });
  return createUIMessageStreamResponse({
    stream: toUIMessageStream({
      stream: result.stream,
      originalMessages: chat.messages,
      generateMessageId: generateId,
      onEnd: ({ messages: all }) => {
        running.delete(streamId);
        chat.messages = all;
        if (chat.activeStreamId === streamId) chat.activeStreamId = null;
      },
    }),
    consumeSseStream: async ({ stream }) => {
      await streams.createNewResumableStream(streamId, () => stream);
      chat.activeStreamId = streamId;
    },
  });
});

app.get('/api/chat/:id/stream', async ({ req }) => {
  const { activeStreamId } = chatOf(req.param('id'));
  if (activeStreamId === null) return new Response(null, { status: 204 });
  const stream = await streams.resumeExistingStream(activeStreamId);
  return new Response(stream, { headers: UI_MESSAGE_STREAM_HEADERS });
});

app.post('/api/chat/:id/stop', ({ req, json }) => {
  const chat = chatOf(req.param('id'));
  running.get(chat.activeStreamId ?? '')?.abort();
  chat.activeStreamId = null;
  return json({ success: true });
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
