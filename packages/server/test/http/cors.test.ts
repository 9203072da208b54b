import { expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { toRouteHandlers } from '../../src/next/index.ts';
import { saying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const app = 'https://app.example';
const json = { 'content-type': 'application/json' };

/** Whatever of an answer is about other origins. */
const grants = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => /^access-|^vary$/.test(name)));

const ofApp = {
  'access-control-allow-origin': app,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'retry-after, x-vercel-ai-ui-message-stream',
  vary: 'origin',
};

const serve = () => startServer({ agent: saying('Hello'), origins: [app] });

it('HF-HTTP-2: pages of a listed origin may read every answer, refusals and streams too', async () => {
  await using server = await serve();
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { ...json, origin: app, ...init.headers };
    const response = await fetch(`${server.api}${path}`, { ...init, headers });
    await response.body?.cancel();
    return [response.status, grants(response)];
  };
  const stock = { id: 's1', messages: [userMessage('m1', 'Hi')], trigger: 'submit-message' };
  const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) });
  expect(await ask('', post(stock))).toEqual([200, ofApp]);
  expect(await ask('', post({}))).toEqual([400, ofApp]);
  expect(await ask('/s1')).toEqual([200, ofApp]);
  expect(await ask('/s1/stream')).toEqual([expect.any(Number), ofApp]);
  expect(await ask('/s1/nothing')).toEqual([404, ofApp]);
  expect(await ask('/s1', { method: 'PUT' })).toEqual([405, ofApp]);
  expect(await ask('/s1', { method: 'DELETE' })).toEqual([204, ofApp]);
});

it('HF-HTTP-2: a preflight of a listed origin is told the methods and the headers that it asked for', async () => {
  await using server = await serve();
  const preflight = async (path: string, method: string, headers?: string) => {
    const response = await fetch(`${server.api}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: app,
        'access-control-request-method': method,
        ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
      },
    });
    expect(response.status).toBe(204);
    return grants(response);
  };
  const granted = {
    ...ofApp,
    vary: 'origin, access-control-request-headers',
    'access-control-max-age': '600',
  };
  expect(await preflight('', 'POST', 'content-type,authorization,x-team')).toEqual({
    ...granted,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type,authorization,x-team',
  });
  expect(await preflight('/s1', 'DELETE')).toEqual({
    ...granted,
    'access-control-allow-methods': 'GET, DELETE',
    'access-control-allow-headers': 'authorization, content-type',
  });
  expect(await preflight('/s1/cancel', 'POST', 'x; y')).toMatchObject({
    'access-control-allow-headers': 'authorization, content-type',
  });
});

it.each([
  'https://evil.example',
  'null',
  'http://app.example',
  'https://app.example.evil.io',
  'https://app.example:8443',
  'https://APP.example',
  '*',
])('HF-HTTP-2: %s gets no permission and no answer', async (origin) => {
  await using server = await serve();
  const asked = [
    fetch(`${server.api}/s1`, { headers: { origin } }),
    fetch(server.api, { method: 'POST', headers: { ...json, origin }, body: '{}' }),
    fetch(server.api, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    }),
  ];
  for (const response of await Promise.all(asked))
    expect([response.status, grants(response)]).toEqual([403, { vary: 'origin' }]);
});

it('HF-HTTP-2: the own origin and clients that are no browsers get no permission, since they need none', async () => {
  await using server = await serve();
  for (const headers of [{}, { origin: server.origin }])
    expect(grants(await fetch(`${server.api}/s1`, { headers }))).toEqual({ vary: 'origin' });
  await using plain = await startServer();
  expect(grants(await fetch(`${plain.api}/s1`))).toEqual({});
});

it('HF-HTTP-2: a star among the origins lets nobody in', async () => {
  await using server = await startServer({ origins: ['*'] });
  const response = await fetch(`${server.api}/s1`, { headers: { origin: app } });
  expect([response.status, grants(response)]).toEqual([403, { vary: 'origin' }]);
});

it('HF-HTTP-2: the route of Next answers preflights, by its handler for OPTIONS', async () => {
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'u' }),
    origins: [app],
  });
  onTestFinished(() => holdfast.close());
  const { OPTIONS } = toRouteHandlers(holdfast, saying('x'));
  const request = new Request('http://x/api/chat', {
    method: 'OPTIONS',
    headers: { host: 'x', origin: app, 'access-control-request-method': 'POST' },
  });
  const response = await OPTIONS(request, { params: Promise.resolve({}) });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe(app);
});

const ports = (names: readonly [page: string, host: string]) => names;

it.each([
  ports(['http://localhost:3000', 'localhost:3001']),
  ports(['http://127.0.0.1:5173', '127.0.0.1:3001']),
  ports(['http://[::1]:5173', '[::1]:3001']),
  ports(['http://localhost', 'localhost:3001']),
])(
  'HF-HTTP-3: in development pages from %s are let in at %s, and nowhere else',
  async (page, host) => {
    const holdfast = createHoldfast({
      prefix: crypto.randomUUID(),
      authorize: () => ({ id: 'u' }),
    });
    onTestFinished(() => holdfast.close());
    const ask = async (origin: string, at: string) => {
      const request = new Request(`http://${at}/api/chat/s1`, { headers: { host: at, origin } });
      const response = await holdfast.handle(request, { path: ['s1'] });
      return [response.status, response.headers.get('access-control-allow-origin')];
    };
    vi.stubEnv('NODE_ENV', 'development');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await ask(page, host)).toEqual([200, page]);
    const others = [
      [page, 'app.example'],
      [page, 'localhost.evil.example:3001'],
      ['http://localhost.evil.example:3000', host],
      ['http://evil.example', host],
      [page.replace('http:', 'https:'), host],
      [page.replace('http:', 'ws:'), host],
      ['null', host],
      // As the one machine may be many: what is this one's for the browser is its name.
      [page, host.startsWith('localhost') ? '127.0.0.1:3001' : 'localhost:3001'],
    ] as const;
    for (const [origin, at] of others)
      expect([origin, at, ...(await ask(origin, at))]).toEqual([origin, at, 403, null]);
    for (const env of ['production', 'test', '']) {
      vi.stubEnv('NODE_ENV', env);
      expect(await ask(page, host)).toEqual([403, null]);
    }
  },
);
