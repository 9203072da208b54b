// docs/getting-started.md and docs/deploy.md, by their own blocks: what stands on Node's own server.
import { beforeAll, expect, test } from 'vitest';
import { filesUnder } from '../../scripts/docs/blocks.mjs';
import type { Application } from '../harness/application.ts';
import { ask, client, gettingStarted, model, ofPages, said } from '../harness/pages.ts';
import { freePort, type Served } from '../harness/served.ts';

const own = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: ['node'],
    },
    include: ['*.ts'],
  }),
  'model.ts': model,
  'authorize.ts': `import type { Authorize } from '@holdfast/server';
export const authorize: Authorize = ({ request }) =>
  /user=ann/.test(request.headers.get('cookie') ?? '') ? { id: 'ann' } : null;
`,
  'client.mjs': client,
};

const { 'express.ts': express = '' } = filesUnder(gettingStarted, 'Express');
const use = (what: string) => express.replace('app.use(\n  toNodeHandler(', what);

/** What the page says besides its block. */
const variants = {
  'express-mounted.ts': use("app.use('/api/chat', toNodeHandler("),
  'express-parsed.ts': use('app.use(express.json(), toNodeHandler('),
};

let app: Application;

beforeAll(async () => {
  const headings = ['Plain Node', 'Express', 'Fastify'].map(
    (heading) => [gettingStarted, heading] as const,
  );
  const files = { ...own, ...variants };
  app = await ofPages([...headings, ['docs/deploy.md', 'Gateways of their own']], files);
});

test('the blocks for Node pass the type check', async () => {
  for (const variant of Object.values(variants)) expect(variant).not.toBe(express);
  await app.succeed('tsc');
});

async function answers(server: Served, origin = server.url): Promise<void> {
  const api = `${server.url}/api/chat`;
  const { output } = await ask(app, { api, url: `${server.url}/holdfast`, origin });
  expect(output.trim(), server.output()).toBe(said);
}

/** A send with a cookie, as far as its head. */
const send = (server: Served, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'user=ann', ...headers },
    body: JSON.stringify({
      id: crypto.randomUUID(),
      command: crypto.randomUUID(),
      trigger: 'submit-message',
      message: { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    }),
  });

test('plain Node answers, and SIGTERM in mid-answer cuts nothing off', async () => {
  const server = await app.serve('node server.ts');
  expect((await fetch(`${server.url}/other`)).status).toBe(404);
  const asked = answers(server);
  await expect.poll(() => server.output(), { timeout: 30_000 }).toContain('the model has begun');
  const { code, output } = await server.stop('SIGTERM');
  await asked;
  expect([code, output]).toEqual([
    0,
    expect.stringMatching(/1 answer is being written[\s\S]*closed/),
  ]);
});

test('Express answers pages of another origin, and its own routes go on', async () => {
  const server = await app.serve('node express.ts');
  await answers(server, 'http://localhost:5173');
  const preflight = await fetch(`${server.url}/api/chat`, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  expect((await send(server, { origin: 'https://evil.example' })).status).toBe(403);
  const echo = await fetch(`${server.url}/api/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await echo.json()).toEqual({ a: 1 });
  expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
  await server.stop();
});

test.each(Object.keys(variants))('Express answers as in %s', async (file) => {
  const server = await app.serve(`node ${file}`);
  await answers(server);
  await server.stop();
});

test('Fastify answers, and its own routes go on', async () => {
  const server = await app.serve('node fastify.ts');
  expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
  expect((await send(server)).status).toBe(200);
  await answers(server);
  expect((await server.stop()).code).toBe(0);
});

test('a gateway of its own starts and ends by its block', async () => {
  const server = await app.serve('node gateway.ts');
  expect(await (await fetch(server.url)).text()).toMatch(/WebSockets/);
  expect((await server.stop()).code).toBe(0);
});

test('Vite bundles the page of another origin, with the address of its server', async () => {
  const vite = await ofPages([[gettingStarted, 'A page on another origin']], {
    'index.html': '<script type="module" src="/src/main.ts"></script>',
    'src/main.ts':
      "import { transport } from './transport';\nObject.assign(globalThis, { transport });\n",
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2024',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2024', 'dom'],
        types: ['vite/client'],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
      },
      include: ['src'],
    }),
  });
  const api = `http://localhost:${await freePort()}/api/chat`;
  await vite.succeed('tsc && vite build', { env: { VITE_API_URL: api } });
  await vite.succeed(`grep -rq '${api}' dist`);
});
