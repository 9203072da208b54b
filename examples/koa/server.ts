import { createServer } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import Koa from 'koa';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
const chat = toNodeHandler(holdfast, { agent });
const app = new Koa();

// Before body parsers, which would have read the request. `respond = false`: Koa leaves the response alone.
app.use(async (context, next) => {
  if (await chat(context.req, context.res)) context.respond = false;
  else await next();
});
app.use((context) => {
  if (context.path === '/hello') context.body = 'Hello\n';
});

const server = createServer(app.callback());
holdfast.attach(server);
holdfast.closeOnSignals();
server.listen(Number(process.env.PORT ?? 3000));
