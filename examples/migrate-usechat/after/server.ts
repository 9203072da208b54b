import type { Server } from 'node:http';
import { createHoldfast, isSessionId } from '@holdfast/server';
import { serve } from '@hono/node-server';
import { convertToModelMessages, streamText } from 'ai';
import { Hono } from 'hono';
import { model } from '../../model.ts';
import { loadChat, saveChat } from '../store.ts';

const holdfast = createHoldfast({
  redis: process.env.REDIS_URL,
  authorize: () => ({ id: 'ann' }), // yours: who is signed in, and may they read this chat?
  hooks: {
    onMessage: async ({ sessionId, message }) => {
      const known = await loadChat(sessionId);
      const at = known.findIndex(({ id }) => id === message.id);
      await saveChat(sessionId, known.toSpliced(at < 0 ? known.length : at, 1, message));
    },
    onTruncate: async ({ sessionId, after }) => {
      const known = await loadChat(sessionId);
      await saveChat(sessionId, known.slice(0, known.findIndex(({ id }) => id === after) + 1));
    },
  },
});
const app = new Hono();

// What the page is rendered with. A chat that the session does not know begins with what the file has.
app.get('/chats/:id', async ({ req, json, notFound }) => {
  const id = req.param('id');
  if (!isSessionId(id)) return notFound(); // what stands in an address may be no id of a chat
  const known = await loadChat(id);
  if (known.length > 0) await holdfast.session(id).seed(known);
  return json((await holdfast.session(id).state()).messages);
});

app.all('/api/chat/:path{.*}?', ({ req }) =>
  holdfast.handle(req.raw, {
    path: req.param('path')?.split('/') ?? [],
    agent: async ({ messages, signal }) =>
      streamText({ model, messages: await convertToModelMessages(messages), abortSignal: signal }),
  }),
);

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }) as Server;
holdfast.attach(server);
holdfast.closeOnSignals();
