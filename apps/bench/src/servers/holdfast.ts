import { createServer, type Server } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { answer, scheduleOf } from '../schedule.ts';

/** Holdfast as an application sets it up; without an address of Redis it keeps the log in memory. */
export async function serveHoldfast(redis: string | undefined): Promise<Server> {
  const holdfast = createHoldfast({ redis, authorize: () => ({ id: 'user' }) });
  await holdfast.ready();
  const handle = toNodeHandler(holdfast, { agent: ({ body }) => answer(scheduleOf(body)) });
  const server = createServer(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(404).end();
  });
  holdfast.attach(server);
  return server;
}
