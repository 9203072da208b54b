import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { type NodeHandlerOptions, toNodeHandler } from '../../src/node/index.ts';
import { saying } from '../support/gated-agent.ts';
import { userMessage } from '../support/server.ts';

type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse & { readonly send: (body: string) => void },
  next: () => void,
) => unknown;

type Use = (...route: readonly (string | RequestHandler)[]) => Express;

/** As much of Express as is used: its types are a package of their own. */
interface Express extends RequestListener {
  readonly use: Use;
  readonly all: Use;
  readonly get: Use;
  readonly post: Use;
}

type Parser = (options?: object) => RequestHandler;

const express = createRequire(import.meta.url)('express') as (() => Express) & {
  readonly Router: () => Express & RequestHandler;
  readonly json: Parser;
  readonly text: Parser;
  readonly raw: Parser;
  readonly urlencoded: Parser;
};

/** An Express application that is put together by a test, until that is over. */
async function serving(
  mount: (app: Express, chat: RequestHandler) => unknown,
  options: NodeHandlerOptions = {},
) {
  const errors: unknown[] = [];
  const paths: string[] = [];
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: ({ request: { url } }) => {
      paths.push(new URL(url).pathname);
      return { id: 'u' };
    },
    onError: (error) => errors.push(error),
  });
  const app = express();
  mount(app, toNodeHandler(holdfast, { agent: saying('Hello'), ...options }));
  app.get('/other', (_, response) => void response.send('other'));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    await holdfast.close({ runsMs: 0 });
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: string, headers = {}) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const get = async (path: string) => await fetch(`${origin}${path}`);
  return { errors, paths, post, get };
}

const send = (more: object = {}): string =>
  JSON.stringify({
    id: 's1',
    command: crypto.randomUUID(),
    trigger: 'submit-message',
    message: userMessage('m1', 'Hi'),
    ...more,
  });

type Mount = readonly [
  what: string,
  route: string,
  mount: Parameters<typeof serving>[0],
  api: string,
];

const mounts: readonly Mount[] = [
  ['app.use(chat)', '/api/chat', (app, chat) => app.use(chat), '/api/chat'],
  [
    "app.use('/api/chat', chat)",
    '/api/chat',
    (app, chat) => app.use('/api/chat', chat),
    '/api/chat',
  ],
  ["app.use('/api', chat)", '/api/chat', (app, chat) => app.use('/api', chat), '/api/chat'],
  [
    "app.use('/v1', a router with chat)",
    '/v1/api/chat',
    (app, chat) => app.use('/v1', express.Router().use(chat) as never),
    '/api/chat',
  ],
  [
    "app.all('/api/chat{/*path}', chat)",
    '/api/chat',
    (app, chat) => app.all('/api/chat{/*path}', chat),
    '/api/chat',
  ],
  ["app.use('/chat', chat) with its api", '/chat', (app, chat) => app.use('/chat', chat), '/chat'],
  ["app.use('/chat', chat) with `/`", '/chat', (app, chat) => app.use('/chat', chat), '/'],
];

it.each(mounts)(
  'HF-HTTP-11: %s serves its route, and nothing else waits for it',
  async (_, route, mount, api) => {
    const { get, post, errors, paths } = await serving(mount, { api });
    expect((await post(route, send())).status).toBe(200);
    const history = await get(`${route}/s1?limit=5`);
    expect(history.status).toBe(200);
    expect(((await history.json()) as { messages: unknown[] }).messages).not.toEqual([]);
    expect((await get(`${route}/s1/stream`)).status).toBeLessThan(300);
    expect(await (await get('/other')).text()).toBe('other');
    expect((await get('/nothing')).status).toBe(404);
    expect((await post('/nothing', '{}')).status).toBe(404);
    expect(errors).toEqual([]);
    if (api !== '/') expect(paths.every((path) => `${path}/`.includes('/chat/'))).toBe(true);
  },
);

const parsers: readonly (readonly [string, RequestHandler])[] = [
  ['express.json()', express.json({ limit: '2mb' })],
  ['express.text()', express.text({ type: '*/*', limit: '2mb' })],
  ['express.raw()', express.raw({ type: '*/*', limit: '2mb' })],
  ['express.urlencoded(), which leaves JSON alone', express.urlencoded({ extended: true })],
];

it.each(parsers)('HF-HTTP-11: behind %s the body is the one that came', async (_, parser) => {
  const { post, get, errors } = await serving((app, chat) => app.use(parser, chat));
  expect((await post('/api/chat', send())).status).toBe(200);
  const { messages } = (await (await get('/api/chat/s1')).json()) as {
    messages: { parts: { text: string }[] }[];
  };
  expect(messages[0]?.parts[0]?.text).toBe('Hi');
  expect((await post('/api/chat/s1/cancel', '{"command":"none"}')).status).toBe(200);
  expect(errors).toEqual([]);
});

it.each(parsers.slice(0, 3))(
  'HF-HTTP-11: behind %s the limits and forms of bodies are the same',
  async (_, parser) => {
    const { post, errors } = await serving((app, chat) => app.use(parser, chat));
    const proto = send().replace('"id"', '"__proto__":{"admin":true},"id"');
    expect((await post('/api/chat', proto)).status).toBe(400);
    const long = JSON.stringify({ order: ['x'.repeat(1_200_000)] });
    expect((await post('/api/chat/s1/queue', long)).status).toBe(413);
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect((await post('/api/chat', `{"id":"s1","body":${deep}}`)).status).toBe(400);
    expect((await post('/api/chat', send(), { 'content-type': 'text/plain' })).status).toBe(400);
    // Of the limit, not of the request.
    expect(errors).toMatchObject([{ code: 'too_large' }]);
  },
);

it('HF-HTTP-11: a body that was read and left nowhere is refused in words, once told to the server', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { post, errors } = await serving((app, chat) =>
    app.use((request, _, next) => void request.on('end', next).resume(), chat),
  );
  for (let at = 0; at < 2; at++) {
    const response = await post('/api/chat', send());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'bad_request', message: expect.stringContaining('middleware') },
    });
  }
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('in front of it'), { code: 'HOLDFAST_BODY' }],
  ]);
  expect(errors).toEqual([]);
});

it('HF-HTTP-11: a mount that hides the route is told of once, with its cure, and passes on', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { post, get } = await serving((app, chat) => app.use('/chat', chat));
  expect((await get('/chat/s1')).status).toBe(404);
  expect(warn).not.toHaveBeenCalled();
  for (let at = 0; at < 2; at++) expect((await post('/chat', send())).status).toBe(404);
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining("{ api: '/chat', … }"), { code: 'HOLDFAST_MOUNT' }],
  ]);
});

it('HF-HTTP-11: requests of the application that share a mount are no mistake', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { post } = await serving((app, chat) => {
    app.use('/api', chat);
    app.post('/api', (_, response) => void response.send('graph'));
  });
  expect(await (await post('/api', '{}')).text()).toBe('graph');
  expect(warn).not.toHaveBeenCalled();
});
