// Every door of a server in a process of its own, for `fork`: what must not end is watched from outside.
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createHoldfast, type Holdfast } from '../../src/index.ts';
import { toRouteHandlers } from '../../src/next/index.ts';
import { toNodeHandler } from '../../src/node/index.ts';
import { saying } from '../support/gated-agent.ts';
import { type DoorName, doorNames, type Told } from './doors.ts';

const faults = new Map<string, number>();

/** Small, so that what is kept has an end within minutes, and slow peers are soon dealt with. */
const limits = {
  connections: 400,
  helloTimeoutMs: 1_500,
  authorizeMs: 1_000,
  // A frame whose head promises more than comes is waited for until the peer counts as gone.
  heartbeatMs: 2_000,
  pongTimeoutMs: 2_000,
  sessionBytes: 65_536,
  sessionEntries: 200,
  retentionMs: 3_000,
  commandMs: 3_000,
  lingerMs: 0,
  pollMs: 1_000,
  queueMessages: 5,
  // A stranger with no name of its own has to get past what one participant may take.
  sendsPerMinute: 1e6,
  readsPerMinute: 1e6,
  sessionsPerHour: 1e6,
  participantConnections: 1e4,
  participantRuns: 1e4,
};

const holdfast: Holdfast = createHoldfast({
  limits,
  prefix: 'fuzz',
  origins: ['https://app.example'],
  writers: { authorize: ({ token }) => token === 'a' },
  onError: (error) => {
    const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown };
    const text = `${code ?? 'fault'}: ${message} ${cause instanceof Error ? cause.message : ''}`;
    // Next's `after` has no request here.
    if (!/on purpose|authorize took|outside a request scope/.test(text))
      faults.set(text, (faults.get(text) ?? 0) + 1);
  },
  authorize: async ({ request, token }) => {
    if (token === 'throw') throw new Error('on purpose');
    if (token === 'never') await new Promise(() => {});
    if (token === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    return new URL(request.url).pathname && token !== 'no' ? { id: token ?? 'user' } : null;
  },
});
const agent = saying('Yes');
const elsewhere: RequestListener = (_, outgoing) => void outgoing.writeHead(404).end('elsewhere');

function listening(api: string): RequestListener {
  const handle = toNodeHandler(holdfast, { agent, api });
  return async (incoming, outgoing) => {
    if (!(await handle(incoming, outgoing))) elsewhere(incoming, outgoing);
  };
}

/** A gateway beside another listener for upgrades, at the root of its server. */
function root(): Server {
  const server = createServer(listening('/'));
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 418 Other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  holdfast.attach(server, { path: '/', others: 'pass' });
  return server;
}

/** Express, with a middleware that answers for those that take too long, as many apps have one. */
function express(): Server {
  // The package has no types of its own.
  const create = createRequire(import.meta.url)('express') as () => RequestListener & {
    use(handler: (incoming: never, outgoing: never, next: () => void) => unknown): void;
  };
  const app = create();
  const handle = toNodeHandler(holdfast, { agent });
  app.use(
    (incoming: { url: string }, outgoing: { writeHead(s: number): { end(): void } }, next) => {
      if (incoming.url.includes('hasty')) outgoing.writeHead(503).end();
      next();
    },
  );
  app.use(async (incoming, outgoing, next) => {
    if (!(await handle(incoming, outgoing))) next();
  });
  return createServer(app);
}

/** A host that makes its own `Request`s, as Next does. */
function routes(): Server {
  const handlers = toRouteHandlers(holdfast, agent) as unknown as Record<
    string,
    (request: Request, context: object) => Promise<Response>
  >;
  return createServer(async (incoming, outgoing) => {
    try {
      const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
      const path = url.pathname.split('/').slice(3).map(decodeURIComponent);
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
      const method = incoming.method ?? 'GET';
      const request = new Request(url, {
        method,
        headers: Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) }),
      });
      const handler = handlers[method] ?? handlers.GET;
      const response = await handler?.(request, { params: Promise.resolve({ path }) });
      outgoing.writeHead(response?.status ?? 500);
      outgoing.end(response?.body && Buffer.from(await response.arrayBuffer()));
    } catch {
      outgoing.writeHead(400).end();
    }
  });
}

/** Sockets that another library has opened. */
function accepting(): Server {
  const server = createServer(elsewhere);
  new WebSocketServer({ server }).on('connection', (socket, incoming) => {
    socket.on('error', () => {});
    const { origin, host = 'localhost' } = incoming.headers;
    holdfast.accept(
      {
        protocol: 'holdfast.v1',
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (given) => {
          const texts = typeof given === 'string' || ArrayBuffer.isView(given) ? [given] : given;
          for (const text of texts as readonly (string | Uint8Array)[])
            socket.send(text, { binary: false });
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => {
          socket.on('message', (data, isBinary) => listener(isBinary ? null : String(data)));
        },
        onClose: (listener) => {
          socket.on('close', listener);
        },
      },
      new Request('http://localhost/', { headers: { host, ...(origin ? { origin } : {}) } }),
    );
  });
  return server;
}

const attached = (listener: RequestListener): Server => {
  const server = createServer(listener);
  holdfast.attach(server);
  return server;
};

const servers: Readonly<Record<DoorName, Server | Http2Server>> = {
  node: attached(listening('/api/chat')),
  root: root(),
  express: express(),
  routes: routes(),
  gateway: attached(elsewhere),
  accept: accepting(),
  http2: createHttp2Server(listening('/api/chat') as never),
};
holdfast.attach(servers.express as Server);

const tell = (told: Told) => process.send?.(told);
const connectionsOf = (server: Server | Http2Server) =>
  new Promise<number>((resolve) =>
    server.getConnections((error, count) => resolve(error ? -1 : count)),
  );

process.on('message', async () => {
  globalThis.gc?.();
  const counts = await Promise.all(
    doorNames.map(async (name) => [name, await connectionsOf(servers[name])] as const),
  );
  const open = Object.fromEntries(counts.filter(([, count]) => count > 0));
  const sockets = counts.reduce((sum, [, count]) => sum + count, 0);
  tell({ heapBytes: process.memoryUsage().heapUsed, sockets, open, faults: [...faults] });
});
process.on('disconnect', () => process.exit(0));

const ports: Partial<Record<DoorName, number>> = {};
for (const name of doorNames) {
  const server = servers[name];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports[name] = (server.address() as AddressInfo).port;
}
tell({ ports: ports as Record<DoorName, number> });
