import type { Server } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { serve } from '@hono/node-server';
import { convertToModelMessages, streamText } from 'ai';
import { Hono } from 'hono';
import { model } from '../../model.ts';

const holdfast = createHoldfast({
  redis: process.env.REDIS_URL, // the one that the streams were in
  authorize: () => ({ id: 'ann' }), // yours: who is signed in, and may they read this chat?
});
const app = new Hono();

// One route: send, resume, stop, history.
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
