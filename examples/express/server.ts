import { createServer } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import express from 'express';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({
  authorize,
  redis: process.env.REDIS_URL,
  origins: ['http://localhost:5173'], // pages from elsewhere
});
const app = express();

// As a middleware: it calls `next` for requests that are not for the chat route.
app.use(toNodeHandler(holdfast, { agent }));

// Behind a body parser, and mounted: `api` is the whole path, as the browser asks for it.
app.use(express.json());
app.use('/v2/chat', toNodeHandler(holdfast, { agent, api: '/v2/chat' }));
app.post('/echo', (request, response) => void response.json(request.body));

const server = createServer(app);
holdfast.attach(server);
holdfast.closeOnSignals();
server.listen(Number(process.env.PORT ?? 3000));
