import { createServer } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
const chat = toNodeHandler(holdfast, { agent });

const server = createServer(async (request, response) => {
  if (await chat(request, response)) return;
  response.writeHead(404).end('Not found\n');
});
holdfast.attach(server);
holdfast.closeOnSignals();
server.listen(Number(process.env.PORT ?? 3000));
