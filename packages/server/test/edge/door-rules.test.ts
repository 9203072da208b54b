import { request } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { developmentOnly } from '../../src/development-only.ts';
import { withPeer } from '../../src/edge/peer.ts';
import { createHoldfast } from '../../src/index.ts';
import { toRouteHandlers } from '../../src/next/index.ts';
import { toNodeHandler } from '../../src/node/index.ts';
import { Wire } from '../fuzz/wire.ts';
import { saying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';
import { lines, open, serving } from '../support/serving.ts';

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

it.each([
  ['POST', '/', '', 200],
  ['GET', '/s1/', 's1/', 200],
  ['GET', '//s1//stream/', '/s1//stream/', 204],
])(
  'HF-HTTP-5: a host that splits the path itself has %s %s answered',
  async (method, url, path, status) => {
    const { holdfast } = open();
    const message = userMessage('m1', 'Hi');
    const send = { id: 's1', command: 'c1', trigger: 'submit-message', message };
    const body = method === 'POST' ? JSON.stringify(send) : null;
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`http://x/api/chat${url}`, { method, body, headers });
    const response = await holdfast.handle(request, { agent: saying('x'), path: path.split('/') });
    expect(response.status).toBe(status);
  },
);

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
