import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { developmentOnly } from '../../src/development-only.ts';
import { withPeer } from '../../src/edge/peer.ts';
import { createHoldfast } from '../../src/index.ts';
import { toRouteHandlers } from '../../src/next/index.ts';
import { toNodeHandler } from '../../src/node/index.ts';
import { Wire } from '../fuzz/wire.ts';
import { saying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const portOf = ({ origin }: { readonly origin: string }): number => Number(new URL(origin).port);

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;

/** A server with only this handler, until the test is over. */
async function serving(
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
): Promise<number> {
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing)).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const open = () => {
  const errors: unknown[] = [];
  const seen: string[] = [];
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: ({ request: { url }, action }) => {
      seen.push(`${action} ${new URL(url).pathname}`);
      return { id: 'u' };
    },
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => holdfast.close({ runsMs: 0 }));
  return { holdfast, errors, seen };
};

it.each([1.2, 2.1, 3.5])(
  'HF-HTTP-8: behind a refused body of %f MiB the connection serves on, 24 of 24',
  async (size) => {
    await using server = await startServer();
    const body = JSON.stringify({ id: 's1', text: 'x'.repeat(size * 1_048_576) });
    const head = ['POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json'];
    const statuses = await Promise.all(
      Array.from({ length: 24 }, async () => {
        const wire = new Wire(portOf(server));
        wire.write(lines(...head, `Content-Length: ${body.length}`));
        wire.write(body);
        const first = await wire.answer();
        wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
        const second = await wire.answer();
        wire.destroy();
        return [first?.status, second?.status];
      }),
    );
    expect(statuses).toEqual(Array(24).fill([413, 200]));
  },
);

it.each([
  ['one that is longer than is read', 'Content-Length: 50000000', 'x'.repeat(6_000_000)],
  ['one of no declared length', 'Transfer-Encoding: chunked', `5b8d80\r\n${'x'.repeat(6_000_000)}`],
])('HF-HTTP-8: a refused body is answered and the connection closed: %s', async (_, how, body) => {
  await using server = await startServer();
  const wire = new Wire(portOf(server));
  wire.write(lines('POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json', how));
  wire.write(body);
  const answer = await wire.answer();
  expect(answer?.status).toBe(413);
  expect(answer?.head).toMatch(/connection: close/i);
  await wire.closed();
});

it('HF-HTTP-8: a body that its sender never finishes is answered, and the connection closed in time', async () => {
  await using server = await startServer({ authorize: () => null });
  const wire = new Wire(portOf(server));
  wire.write(lines('POST /api/chat/s1/cancel HTTP/1.1', 'Host: x', 'Content-Length: 50') + '{');
  expect((await wire.answer())?.status).toBe(403);
  await wire.closed();
});

it.each([
  ['foreign', 'POST /api/chat', ['Origin: https://evil.example'], 403],
  ['of the wrong type', 'POST /api/chat', ['Content-Type: text/plain'], 400],
  ['unknown', 'POST /api/chat/s1/nothing', [], 404],
  ['of a method that is not there', 'PUT /api/chat/s1', [], 405],
])(
  'HF-HTTP-8: a request that is %s, with a body nobody read, leaves the connection usable',
  async (_, line, headers, status) => {
    await using server = await startServer();
    const wire = new Wire(portOf(server));
    const body = 'x'.repeat(300_000);
    wire.write(lines(`${line} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`, ...headers));
    wire.write(body);
    expect((await wire.answer())?.status).toBe(status);
    wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
    expect((await wire.answer())?.status).toBe(200);
    wire.destroy();
  },
);

it('a client that goes away in the middle of its body is no fault of the server', async () => {
  await using server = await startServer();
  const answered = new Promise((resolve) =>
    server.http.prependListener('request', (_, outgoing) => outgoing.once('close', resolve)),
  );
  const wire = new Wire(portOf(server));
  wire.write(
    `${lines('POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 99')}{`,
  );
  await new Promise((resolve) => server.http.once('request', resolve));
  wire.destroy();
  await answered;
  expect(server.errors).toEqual([]);
});

it.each([
  ['before it', 'early'],
  ['while it asks who is there', 'late'],
])('a response that a middleware sent %s is left alone', async (_, when) => {
  const { holdfast, errors } = open();
  const outcomes: unknown[] = [];
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const port = await serving(async (incoming, outgoing) => {
    if (when === 'early') outgoing.writeHead(503).end();
    const handled = handle(incoming, outgoing);
    if (when === 'late') outgoing.writeHead(503).end();
    outcomes.push(await handled);
  });
  expect((await fetch(`http://127.0.0.1:${port}/api/chat/s1`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${port}/api/chat/s1/stream`)).status).toBe(503);
  await expect.poll(() => outcomes).toEqual([true, true]);
  expect(errors).toEqual([]);
});

it('a head that cannot be written closes the connection, and throws at nobody', async () => {
  const { holdfast } = open();
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const handled = new Promise((resolve) => {
    void serving((incoming, outgoing) => {
      outgoing.writeHead = () => {
        throw new Error('no head today');
      };
      resolve(handle(incoming, outgoing));
    }).then((port) => {
      const wire = new Wire(port);
      wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
      return wire.closed();
    });
  });
  expect(await handled).toBe(true);
});

it('HF-HTTP-6: HTTP/2 is served like HTTP/1, with its host in a pseudo header', async () => {
  const { holdfast } = open();
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const server = createHttp2Server((incoming, outgoing) => {
    void handle(incoming as never, outgoing as never);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const ask = (headers: Record<string, string>, body?: string) =>
    new Promise<unknown>((resolve) => {
      const stream = session.request(headers, { endStream: body === undefined });
      stream.on('response', (head) => resolve(head[':status']));
      stream.resume();
      if (body !== undefined) stream.end(body);
    });
  expect(await ask({ ':path': '/api/chat/s1' })).toBe(200);
  const own = `http://127.0.0.1:${port}`;
  expect(await ask({ ':path': '/api/chat/s1', origin: own })).toBe(200);
  expect(await ask({ ':path': '/api/chat/s1', origin: 'http://evil.example' })).toBe(403);
  expect(await ask({ ':path': '/api/chat/s1', ':authority': '[[' })).toBe(400);
  const json = { 'content-type': 'application/json', ':method': 'POST' };
  const message = userMessage('m1', 'Hi');
  const send = { id: 's1', command: 'c', trigger: 'submit-message', message };
  expect(await ask({ ':path': '/api/chat', ...json }, JSON.stringify(send))).toBe(200);
  expect(await ask({ ':path': '/api/chat', ...json }, 'x'.repeat(1_200_000))).toBe(413);
  expect(await ask({ ':path': '/api/chat', ...json }, 'x'.repeat(6_000_000))).toBe(413);
  expect(await ask({ ':path': '/api/chat', ':method': 'TRACE' })).toBe(405);
});

it('HF-HTTP-5: one path has one name, for the router and for `authorize`', async () => {
  const { holdfast, seen } = open();
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const port = await serving((incoming, outgoing) => {
    void handle(incoming, outgoing).then((handled) => handled || outgoing.writeHead(418).end());
  });
  const ask = async (target: string): Promise<number | undefined> => {
    const wire = new Wire(port);
    wire.write(lines(`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close'));
    const answer = await wire.answer();
    wire.destroy();
    return answer?.status;
  };
  for (const same of [
    '/api/chat/s1',
    '//api//chat//s1/',
    '/api/chat/%731',
    '/%61pi/chat/s1?x=/y',
    'http://x/api/chat/s1',
  ])
    expect([same, await ask(same)]).toEqual([same, 200]);
  expect(new Set(seen)).toEqual(new Set(['read /api/chat/s1']));
  for (const bad of [
    '/api/chat/..',
    '/api/chat/%2e%2e/x',
    '/api/chat/s1%2fstream',
    '/api/chat/%00',
    '/api/chat/%ff',
  ])
    expect([bad, await ask(bad)]).toEqual([bad, 400]);
  for (const other of ['/api', '/api/chats', '/other/../api/chat', '*'])
    expect([other, await ask(other)]).toEqual([other, 418]);
});

it.each(['/', '//', '/s1//', '///stream'])(
  'HF-HTTP-5: a handler at the root of its server answers %s',
  async (target) => {
    const { holdfast } = open();
    const handle = toNodeHandler(holdfast, { agent: saying('x'), api: '/' });
    const port = await serving((incoming, outgoing) => void handle(incoming, outgoing));
    const wire = new Wire(port);
    wire.write(lines(`OPTIONS ${target} HTTP/1.1`, 'Host: x'));
    expect((await wire.answer())?.status).toBe(204);
    wire.destroy();
  },
);

it('HF-HTTP-5: a fetch request is refused where its URL is encoded, and normal for `authorize` otherwise', async () => {
  const { holdfast, seen } = open();
  const { GET, POST } = toRouteHandlers(holdfast, saying('x'));
  const context = (...path: string[]) => ({ params: Promise.resolve({ path }) });
  const encoded = new Request('http://x/api/chat/s1/%61nswer', { method: 'POST' });
  expect((await POST(encoded, context('s1', 'answer'))).status).toBe(400);
  expect(seen).toEqual([]);
  for (const url of ['http://x/api/chat/s1', 'http://x/api//chat/s1/'])
    expect((await GET(new Request(url), context('s1'))).status).toBe(200);
  expect(new Set(seen)).toEqual(new Set(['read /api/chat/s1']));
});

it('HF-HTTP-6: methods that a path does not have are named, and nothing may be stored', async () => {
  await using server = await startServer({ agent: saying('x') });
  const of = async (method: string, path: string) => {
    const { status, headers } = await fetch(`${server.api}${path}`, { method });
    expect(headers.get('cache-control')).toContain('no-store');
    return [status, headers.get('allow')];
  };
  expect(await of('OPTIONS', '/s1')).toEqual([204, 'GET, DELETE, OPTIONS']);
  expect(await of('HEAD', '/s1')).toEqual([405, 'GET, DELETE, OPTIONS']);
  expect(await of('GET', '')).toEqual([405, 'POST, OPTIONS']);
  expect(await of('PUT', '/s1/cancel')).toEqual([405, 'POST, OPTIONS']);
  expect(await of('GET', '/s1')).toEqual([200, null]);
  expect(await of('GET', '/s1/stream')).toEqual([204, null]);
  expect(await of('GET', '/s1/nothing')).toEqual([404, null]);
  const stock = { id: 's1', messages: [userMessage('m1', 'Hi')], trigger: 'submit-message' };
  expect((await server.post(stock)).headers.get('cache-control')).toContain('no-store');
});

it('S18: what a form of another site can send is refused, with a cookie or without', async () => {
  await using server = await startServer();
  const body = JSON.stringify({ id: 's1', command: 'c', trigger: 'submit-message' });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
    for (const path of ['', '/s1/cancel', '/s1/answer', '/s1/queue', '/s1/steer', '/s1/handoff'])
      for (const origin of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
        const headers = { 'content-type': type, cookie: 'session=1', ...origin };
        const { status } = await fetch(`${server.api}${path}`, { method: 'POST', headers, body });
        expect([type, path, status]).toEqual([type, path, 'origin' in origin ? 403 : 400]);
      }
  // No answer gives another site leave to send anything else.
  const preflight = await fetch(`${server.api}/s1`, {
    method: 'OPTIONS',
    headers: { 'access-control-request-method': 'DELETE' },
  });
  expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([]);
});

it('without `authorize` only this machine is answered, whatever host it asks for', () => {
  const ask = (peer: string | undefined, host: string) => {
    const asked = new Request('http://x/', { headers: { host, 'x-forwarded-for': '127.0.0.1' } });
    return developmentOnly({
      request: peer === undefined ? asked : withPeer(asked, peer),
      token: undefined,
      action: 'connect',
      sessionId: null,
    });
  };
  for (const peer of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', undefined])
    expect([peer, ask(peer, 'localhost:3000')]).toEqual([peer, { id: 'developer' }]);
  for (const peer of ['10.0.0.7', '::ffff:10.0.0.7', '1270.0.0.1', '127.0.0.1.evil', 'fe80::1', ''])
    expect([peer, ask(peer, 'localhost:3000')]).toEqual([peer, null]);
  expect(ask('127.0.0.1', 'evil.example')).toBe(null);
  vi.stubEnv('NODE_ENV', 'production');
  expect(ask('127.0.0.1', 'localhost')).toBe(null);
  vi.unstubAllEnvs();
});

it('without `authorize` the peer of a node server is known, and no header makes another of it', async () => {
  const holdfast = createHoldfast({ prefix: crypto.randomUUID(), onError: () => {} });
  onTestFinished(() => holdfast.close());
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  let address = '10.1.2.3';
  const port = await serving((incoming, outgoing) => {
    Object.defineProperty(incoming.socket, 'remoteAddress', { get: () => address });
    void handle(incoming, outgoing);
  });
  const ask = () =>
    new Promise<number | undefined>((resolve) => {
      const headers = { host: 'localhost', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=::1' };
      request({ port, host: '127.0.0.1', path: '/api/chat/s1', headers, agent: false }, (answer) =>
        resolve(answer.resume().statusCode),
      ).end();
    });
  expect(await ask()).toBe(403);
  address = '127.0.0.1';
  expect(await ask()).toBe(200);
});

it('an `onError` that throws or rejects, and an `authorize` that throws anything, end nothing', async () => {
  const thrown: unknown[] = [
    null,
    'text',
    Object.assign(new Error('odd'), { name: 'HoldfastError', code: 'made up' }),
    Object.assign(new Error('odd'), { name: 'HoldfastError', code: 'toString' }),
  ];
  vi.spyOn(console, 'error').mockImplementation(() => {});
  for (const [at, what] of thrown.entries()) {
    await using server = await startServer({
      authorize: () => {
        throw what;
      },
      onError:
        at % 2
          ? () => Promise.reject(what) as never
          : () => {
              throw what;
            },
    });
    expect((await fetch(`${server.api}/s1`)).status).toBe(500);
  }
});
