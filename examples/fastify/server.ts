import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import Fastify from 'fastify';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
const chat = toNodeHandler(holdfast, { agent });
const fastify = Fastify();

// A hook, since Fastify reads bodies before its routes run.
fastify.addHook('onRequest', async (request, reply) => {
  if (await chat(request.raw, reply.raw)) reply.hijack();
});
fastify.post('/echo', async (request) => request.body);

holdfast.attach(fastify.server);
holdfast.closeOnSignals({ onClosed: () => fastify.close() });
await fastify.listen({ port: Number(process.env.PORT ?? 3000), host: '::' });
