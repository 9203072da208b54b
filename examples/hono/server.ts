import type { Server } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
const app = new Hono();

// `path` is what stands behind the route, in segments.
app.all('/api/chat/:path{.*}?', ({ req }) =>
  holdfast.handle(req.raw, { agent, path: req.param('path')?.split('/') ?? [] }),
);
app.post('/echo', async (context) => context.json(await context.req.json()));

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }) as Server;
holdfast.attach(server);
holdfast.closeOnSignals();
