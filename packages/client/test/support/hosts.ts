import { createServer, request, type Server } from 'node:http';
import { createMemoryLog } from '@holdfast/log';
import { createHoldfast, type Holdfast, type HoldfastOptions } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { listening } from './listening.ts';
import { type GatedAgent, gatedAgent } from './server.ts';

export interface Host {
  readonly api: string;
  readonly http: Server;
  readonly holdfast: Holdfast;
  readonly agent: GatedAgent;
}

/** A server with the chat route and no gateway, until one is attached. */
export async function routeOnly(options: HoldfastOptions = {}): Promise<Host> {
  const agent = gatedAgent();
  const holdfast = createHoldfast({
    log: createMemoryLog(),
    authorize: () => ({ id: 'user-1' }),
    ...options,
  });
  const handle = toNodeHandler(holdfast, { agent: agent.agent });
  const http = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).then((handled) => {
      if (!handled) outgoing.writeHead(404).end();
    });
  });
  onTestFinished(() => holdfast.close({ runsMs: 0 }));
  return { api: `${await listening(http)}/api/chat`, http, holdfast, agent };
}

/** As a server of Next without a custom one: upgrades that are no hot reload are never answered. */
export async function routeOfNext(): Promise<Host> {
  const host = await routeOnly();
  const sockets = new Set<{ destroy(): void }>();
  host.http.on('upgrade', (_, socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return host;
}

/** A server whose sockets open and are closed at once. */
export async function closingWith(code: number): Promise<Host> {
  const host = await routeOnly();
  const closing = new WebSocketServer({ noServer: true });
  host.http.on('upgrade', (request, socket, head) => {
    closing.handleUpgrade(request, socket, head, (opened) => opened.close(code));
  });
  return host;
}

/** A proxy that passes requests and takes the headers away that ask for an upgrade. */
export async function behindProxy(host: Host): Promise<Host> {
  const { origin } = new URL(host.api);
  const proxy = createServer((incoming, outgoing) => {
    const { upgrade: _, connection: __, ...headers } = incoming.headers;
    const { method } = incoming;
    const passed = request(`${origin}${incoming.url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return { ...host, api: `${await listening(proxy)}/api/chat` };
}
