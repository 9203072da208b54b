// Serves the built page of a folder beside the chat: `npx vite build && node ../page-server.ts` there.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { agent } from './agent.ts';

const holdfast = createHoldfast({
  redis: process.env.REDIS_URL,
  authorize: () => ({ id: 'ann' }), // yours: who is signed in, and may they read this chat?
});
const chat = toNodeHandler(holdfast, { agent });
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

const server = createServer(async (request, response) => {
  if (await chat(request, response)) return;
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const file = join(process.cwd(), 'dist', normalize(pathname === '/' ? '/index.html' : pathname));
  if (!existsSync(file)) return void response.writeHead(404).end('Not found\n');
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' });
  response.end(readFileSync(file));
});
holdfast.attach(server);
holdfast.closeOnSignals();
server.listen(Number(process.env.PORT ?? 3000));
