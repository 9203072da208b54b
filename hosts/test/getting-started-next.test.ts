// docs/getting-started.md, by its own blocks: an application as `create-next-app` makes it, followed to its end.
import { beforeAll, expect, test } from 'vitest';
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

const sql = `const owners: Record<string, string> = {};
export async function sql(query: TemplateStringsArray, chat: string, owner?: string) {
  if (query[0].startsWith('insert')) owners[chat] ??= owner!;
  return [{ owner: owners[chat] }];
}
`;

/** What the page leaves to its reader. */
const own = {
  'lib/model.ts': model,
  'lib/user.ts': `export async function userOf({ request }: { request: Request; token: string | undefined }) {
  const id = /user=(\\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return id ? { id } : null;
}
`,
  // Next's bundler knows it, and Node does not.
  'lib/sql.ts': `import 'server-only';\n${sql}`,
  'client.mjs': client,
};

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
  const page = await fetch(`${server.url}/chat/${crypto.randomUUID()}`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Send</button>')]);
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

test('`next dev` answers over the socket of instrumentation.ts', async () => {
  const port = await freePort();
  const server = await app.serve('npm run dev -- --port $PORT', {
    env: { HOLDFAST_PORT: String(port) },
  });
  await opensSockets(server);
  await answers(server, `http://localhost:${port}`);
  expect(server.output()).not.toMatch(/warning|error/i);
  await server.stop();
});

test('`next build` and `next start` answer, let no foreign page in, and end with the answer', async () => {
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
  await app.succeed('rm -f instrumentation.ts');
  app.write({ 'lib/sql.ts': sql });
  await app.succeed(
    'npm pkg set scripts.dev="tsx server.ts" scripts.start="NODE_ENV=production tsx server.ts"',
  );
  const development = await app.serve('npm run dev');
  await answers(development, development.url);
  await development.stop();
  // Not by npm, whose shell ends before what it has started: see docs/deploy.md.
  const production = await app.serve('NODE_ENV=production node_modules/.bin/tsx server.ts');
  expect(await endsWhole(production, production.url)).toMatch(/holdfast: closed/);
});
