// docs/getting-started.md, by its own blocks: an application as `create-next-app` makes it, followed to its end.
import { beforeAll, expect, test } from 'vitest';
import { blocksOf, filesUnder } from '../../scripts/docs/blocks.mjs';
import type { Application } from '../harness/application.ts';
import { ask, client, gettingStarted, model, ofPages, said } from '../harness/pages.ts';
import { freePort, type Served } from '../harness/served.ts';

/** What \`create-next-app\` writes, but for fonts, which it fetches from the web, and styles. */
const fresh = {
  'package.json': JSON.stringify({
    scripts: { dev: 'next dev', build: 'next build', start: 'next start' },
  }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2017',
      lib: ['dom', 'dom.iterable', 'esnext'],
      allowJs: true,
      skipLibCheck: true,
      strict: true,
      noEmit: true,
      esModuleInterop: true,
      module: 'esnext',
      moduleResolution: 'bundler',
      resolveJsonModule: true,
      isolatedModules: true,
      jsx: 'react-jsx',
      incremental: true,
      plugins: [{ name: 'next' }],
      paths: { '@/*': ['./*'] },
    },
    include: [
      'next-env.d.ts',
      '**/*.ts',
      '**/*.tsx',
      '.next/types/**/*.ts',
      '.next/dev/types/**/*.ts',
      '**/*.mts',
    ],
    exclude: ['node_modules'],
  }),
  'next.config.ts': `import type { NextConfig } from "next";
const nextConfig: NextConfig = { cacheComponents: true, partialPrefetching: true, output: 'standalone' };
export default nextConfig;
`,
  'app/layout.tsx': `export default function RootLayout({ children }: Readonly<{ children: React.ReactNode }>) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
};

// Once for all bundles of Next, as a database is.
const sql = `const owners: Record<string, string> = ((globalThis as any).owners ??= {});
export async function sql(query: TemplateStringsArray, chat: string, owner?: string) {
  if (query[0].startsWith('insert')) owners[chat] ??= owner!;
  return [{ owner: owners[chat] }];
}
`;

/** What the page leaves to its reader. */
const own = {
  'lib/model.ts': model,
  // It takes what the recipes of docs/authentication.md take.
  'lib/user.ts': `import type { AuthorizeRequest } from '@holdfast/server';
export async function userOf({ request }: Pick<AuthorizeRequest, 'request'>) {
  const id = /user=(\\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return id ? { id } : null;
}
`,
  // Next's bundler knows it, and Node does not.
  'lib/sql.ts': `import 'server-only';\n${sql}`,
  'client.mjs': client,
};

/** Step 1 has it for trying, step 6 with `authorize`. */
const [tried = '', complete = ''] = blocksOf(gettingStarted)
  .filter(({ file }) => file === 'lib/holdfast.ts')
  .map(({ code }) => code);

/** The page that renders the messages on the server. */
const rendered = filesUnder('docs/authentication.md', 'A page that your server renders');

let app: Application;

beforeAll(async () => {
  app = await ofPages(
    [
      [gettingStarted, 'Next.js'],
      [gettingStarted, 'A custom server'],
    ],
    { ...fresh, ...own },
  );
});

const at = (server: Served, gateway: string) => ({
  api: `${server.url}/api/chat`,
  url: `${gateway}/holdfast`,
  origin: server.url,
});

/** Next listens before it has run instrumentation.ts to its end. */
const opensSockets = (server: Served) =>
  expect.poll(() => server.output(), { timeout: 60_000 }).toContain('holdfast: sockets on port');

/** The whole of an answer, and the page with its chat. */
async function answers(server: Served, gateway: string): Promise<void> {
  const { output, code } = await ask(app, at(server, gateway));
  expect([output.trim(), code], server.output()).toEqual([said, 0]);
  const page = await pageOf(server, crypto.randomUUID(), 'ann');
  expect(page).toContain('Send</button>');
}

async function pageOf({ url }: Served, chat: string, user: string): Promise<string> {
  const page = await fetch(`${url}/chat/${chat}`, { headers: { cookie: `user=${user}` } });
  expect(page.status).toBe(200);
  return await page.text();
}

/** The id of a chat in which ann has asked, and got the whole answer. */
async function chatOfAnn({ url }: Served): Promise<string> {
  const id = crypto.randomUUID();
  const parts = [{ type: 'text', text: 'Hi' }];
  const message = { id: crypto.randomUUID(), role: 'user', parts };
  const headers = { cookie: 'user=ann', 'content-type': 'application/json', origin: url };
  const body = JSON.stringify({ id, messages: [message], trigger: 'submit-message' });
  const answer = await fetch(`${url}/api/chat`, { method: 'POST', headers, body });
  expect(await answer.text()).toContain('word39');
  return id;
}

/** What becomes of a socket that a page of this origin opens. */
const opens = (gateway: string, origin: string) =>
  new Promise<'open' | 'refused'>((resolve) => {
    const options = { headers: { origin }, protocols: ['holdfast.v1'] };
    const socket = new WebSocket(`${gateway.replace('http', 'ws')}/holdfast`, options as never);
    socket.addEventListener('open', () => {
      socket.close();
      resolve('open');
    });
    socket.addEventListener('error', () => resolve('refused'));
  });

/** An answer that is being written when the server is told to end, as its reader sees it. */
async function endsWhole(server: Served, gateway: string): Promise<string> {
  const asked = ask(app, at(server, gateway));
  const before = server.output().split('the model has begun').length;
  await expect
    .poll(() => server.output().split('the model has begun').length, { timeout: 30_000 })
    .toBeGreaterThan(before);
  const { output } = await server.stop('SIGTERM');
  expect((await asked).output.trim(), output).toBe(said);
  expect(output).toMatch(/holdfast: SIGTERM: takes no new work/);
  return output;
}

test('`next dev` answers over the socket of instrumentation.ts, before `authorize` is there', async () => {
  app.write({ 'lib/holdfast.ts': tried });
  const port = await freePort();
  const server = await app.serve('npm run dev -- --port $PORT', {
    env: { HOLDFAST_PORT: String(port) },
  });
  await opensSockets(server);
  await answers(server, `http://localhost:${port}`);
  expect(server.output()).toContain('createHoldfast has no `authorize`');
  const others = server.output().replaceAll(/^.*(HOLDFAST_AUTHORIZE|--trace-warnings).*$/gm, '');
  expect(others).not.toMatch(/warning|error/i);
  await server.stop();
});

test('`next build` and `next start` answer, let no foreign page in, and end with the answer', async () => {
  app.write({ 'lib/holdfast.ts': complete, ...rendered });
  const port = await freePort();
  const gateway = `http://localhost:${port}`;
  const built = await app.succeed('npm run build', {
    env: { NEXT_PUBLIC_HOLDFAST_URL: `${gateway}/holdfast` },
  });
  expect(built).not.toMatch(/warning|error/i);
  await app.succeed(`grep -rq '${gateway}/holdfast' .next/static`);
  const server = await app.serve(
    'APP_ORIGIN=http://localhost:$PORT node_modules/.bin/next start --port $PORT',
    {
      env: { HOLDFAST_PORT: String(port) },
    },
  );
  await opensSockets(server);
  await answers(server, gateway);
  expect(await opens(gateway, server.url)).toBe('open');
  expect(await opens(gateway, 'https://evil.example')).toBe('refused');
  const headers = { origin: 'https://evil.example' };
  expect((await fetch(`${server.url}/api/chat/s1`, { headers })).status).toBe(403);

  // The page that the server renders shows a chat to whose it is.
  const chat = await chatOfAnn(server);
  for (const other of ['bob', ''])
    expect(await pageOf(server, chat, other)).not.toContain('word39');
  expect(await pageOf(server, chat, 'ann')).toContain('word39');
  await endsWhole(server, gateway);

  // docs/hosts/next.md: what the build has traced is enough, the gateway of instrumentation.ts included.
  const standalone = await app.serve(
    'APP_ORIGIN=http://localhost:$PORT node .next/standalone/server.js',
    { env: { HOLDFAST_PORT: String(port) } },
  );
  await opensSockets(standalone);
  await endsWhole(standalone, gateway);
});

test('the custom server answers on its one port, in development and in production', async () => {
  await app.succeed('rm -f instrumentation.ts .env.development');
  app.write({ 'lib/sql.ts': sql, '.env.local': 'APP_ORIGIN=https://app.example\n' });
  await app.succeed(
    'npm pkg set scripts.dev="tsx server.ts" scripts.start="NODE_ENV=production tsx server.ts"',
  );
  const development = await app.serve('npm run dev');
  await answers(development, development.url);
  await development.stop();
  // Not by npm, whose shell ends before what it has started: see docs/deploy.md.
  const production = await app.serve('NODE_ENV=production node_modules/.bin/tsx server.ts');
  // `origins` of lib/holdfast.ts comes from the file.
  expect(await opens(production.url, 'https://app.example')).toBe('open');
  expect(await opens(production.url, 'https://evil.example')).toBe('refused');
  expect(await endsWhole(production, production.url)).toMatch(/holdfast: closed/);

  // It does not stay as a process that serves nothing.
  const env = { NODE_ENV: 'production', REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
  const { code, output } = await app.run('node_modules/.bin/tsx server.ts', { env });
  expect([code, output]).toEqual([1, expect.stringContaining('unable to')]);
});
