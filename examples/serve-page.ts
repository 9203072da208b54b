// A server for built pages: the files of a folder, and the chat beside them.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createHoldfast } from '@holdfast/server';
import { type NodeHandlerOptions, toNodeHandler } from '@holdfast/server/node';
import type { UIMessage } from 'ai';

const base = 'http://localhost';
const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
};

/** Serves `dist` of the working directory, and the chat of this agent. */
export function servePage<UI_MESSAGE extends UIMessage>(
  options: NodeHandlerOptions<UI_MESSAGE>,
): void {
  const holdfast = createHoldfast({
    redis: process.env.REDIS_URL,
    authorize: () => ({ id: 'ann' }), // yours: who is signed in, and may they read this chat?
  });
  const chat = toNodeHandler(holdfast, options);
  const server = createServer(async (request, response) => {
    if (await chat(request, response)) return;
    // What a stranger has asked for may be no address, or a folder: an error here would end the process.
    const { url = '' } = request;
    const { pathname } = new URL(URL.canParse(url, base) ? url : '/none', base);
    const name = pathname === '/' ? '/index.html' : pathname;
    const file = join(process.cwd(), 'dist', normalize(name));
    if (!existsSync(file) || !statSync(file).isFile())
      return void response.writeHead(404).end('Not found\n');
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' });
    response.end(readFileSync(file));
  });
  holdfast.attach(server);
  holdfast.closeOnSignals();
  server.listen(Number(process.env.PORT ?? 3000));
}
