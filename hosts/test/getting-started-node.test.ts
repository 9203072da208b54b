// docs/getting-started.md and docs/deploy.md, by their own blocks: what stands on Node's own server.
import { beforeAll, expect, test } from 'vitest';
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

let app: Application;

beforeAll(async () => {
  app = await ofPages(
    [
      [gettingStarted, 'Plain Node'],
      ['docs/deploy.md', 'Gateways of their own'],
    ],
    own,
  );
});

test('the blocks for Node pass the type check', async () => {
  await app.succeed('tsc');
});

async function answers({ url, output: printed }: Served): Promise<void> {
  const at = { api: `${url}/api/chat`, url: `${url}/holdfast`, origin: url };
  const { output } = await ask(app, at);
  expect(output.trim(), printed()).toBe(said);
}

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
