import { serve } from '@hono/node-server';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  generateId,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { Hono } from 'hono';
import { model } from '../../model.ts';
import { loadChat, saveChat } from '../store.ts';

const app = new Hono();

// What the page is rendered with.
app.get('/chats/:id', async ({ req, json }) => json(await loadChat(req.param('id'))));

app.post('/api/chat', async ({ req }) => {
  const { id, messages } = await req.json<{ id: string; messages: UIMessage[] }>();
  const result = streamText({ model, messages: await convertToModelMessages(messages) });
  return createUIMessageStreamResponse({
    stream: toUIMessageStream({
      stream: result.stream,
      originalMessages: messages,
      generateMessageId: generateId,
      onEnd: ({ messages: all }) => saveChat(id, all),
    }),
  });
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
