// The server process of one side: `node servers/main.ts <side>`.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { serveParent } from '../ipc.ts';
import { isSide, type Side } from '../sides.ts';

// Each server loads its own side alone, so that none carries another's code in its memory.
const serve: { readonly [S in Side]: () => Promise<Server> } = {
  sse: async () => (await import('./sse.ts')).serveSse(),
  'sse-light': async () => (await import('./sse.ts')).serveSse(),
  'sse-bare': async () => (await import('./sse-bare.ts')).serveSseBare(),
  'assistant-stream': async () =>
    (await import('./assistant-stream.ts')).serveAssistantStream(process.env.REDIS_URL ?? ''),
  'durable-streams': async () => (await import('./durable-streams.ts')).serveDurableStreams(),
  'sdk-websocket': async () => (await import('./sdk-websocket.ts')).serveSdkWebSocket(),
  'resumable-stream': async () => (await import('./resumable-stream.ts')).serveResumableStream(),
  ws: async () => (await import('./ws.ts')).serveWs(),
  'holdfast-redis': async () =>
    (await import('./holdfast.ts')).serveHoldfast(process.env.REDIS_URL),
  'holdfast-fsync': async () =>
    (await import('./holdfast.ts')).serveHoldfast(process.env.REDIS_URL, { durability: 'fsync' }),
  'holdfast-replicated': async () =>
    (await import('./holdfast.ts')).serveHoldfast(process.env.REDIS_URL, {
      durability: { replicas: 1 },
    }),
  'holdfast-gathered': async () =>
    (await import('./holdfast.ts')).serveHoldfast(process.env.REDIS_URL, { gatherMs: 20 }),
  'holdfast-memory': async () => (await import('./holdfast.ts')).serveHoldfast(undefined),
  'holdfast-http': async () => (await import('./holdfast.ts')).serveHoldfast(undefined),
};

const [side] = process.argv.slice(2);
if (!isSide(side)) throw new Error(`there is no side "${side}"`);
const server = (await serve[side]()).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

serveParent({
  port: async () => port,
  /** Microseconds of the processors that this process has had so far. */
  cpu: async () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** Resident memory in bytes, without garbage. */
  memory: async () => {
    for (let round = 0; round < 3; round++) {
      // Gives back the pages that are free, too: which of them are is chance.
      await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
      await wait(20);
    }
    return process.memoryUsage().rss;
  },
});
