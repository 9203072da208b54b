import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { changedSource, sourceOf } from './scripts/changed-source.mjs';
import { sdkFreeTests } from './scripts/sdk-free-tests.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Tests read the sources of workspace packages, never a build. Keep in step with tsconfig.json. */
const sources = [
  { find: /^@holdfast\/(\w+)$/, replacement: path('packages/$1/src/index.ts') },
  { find: /^@holdfast\/testkit\/([\w/-]+)$/, replacement: path('packages/testkit/src/$1.ts') },
  { find: '@holdfast/protocol/answers', replacement: path('packages/protocol/src/answers.ts') },
  { find: '@holdfast/protocol/sums', replacement: path('packages/protocol/src/sums.ts') },
  { find: /^@holdfast\/(\w+)\/(\w+)$/, replacement: path('packages/$1/src/$2/index.ts') },
];

/** The previous major of the AI SDK, installed beside the current one. */
const aiSdk6 = [
  { find: /^ai(\/.*)?$/, replacement: 'ai6$1' },
  { find: /^@ai-sdk\/react(\/.*)?$/, replacement: 'ai-sdk-react-6$1' },
  { find: /^@ai-sdk\/openai$/, replacement: 'ai-sdk-openai-6' },
];

/** Svelte as a browser gets it: its condition `browser` would also take that of `ws`. */
const svelteInBrowser = [
  {
    find: /^@ai-sdk\/svelte$/,
    replacement: path('packages/client/node_modules/@ai-sdk/svelte/dist/index.js'),
  },
  {
    find: /^svelte$/,
    replacement: path('packages/client/node_modules/svelte/src/index-client.js'),
  },
  {
    find: /^svelte\/reactivity$/,
    replacement: path('packages/client/node_modules/svelte/src/reactivity/index-client.js'),
  },
];

/** One source with a fault in it, where scripts/guards.mjs or scripts/mutants asks for that. */
const changed: Plugin = {
  name: 'changed-source',
  enforce: 'pre',
  load: (id) => (id.endsWith('.ts') ? changedSource(id) : null),
  // The cache knows a module by its file, and would keep what was made of it with the fault.
  configureVitest: ({ defineCacheKeyGenerator }) =>
    defineCacheKeyGenerator(({ id }) => (changedSource(id) === null ? null : false)),
};

/** Imports `*.lua` as text, as the build of @holdfast/log does (see its tsdown.config.ts). */
const lua: Plugin = {
  name: 'lua-as-text',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith('.lua')) return null;
    this.addWatchFile(id);
    return `export default ${JSON.stringify(sourceOf(id))};`;
  },
};

/** The part of `svelte/compiler` that is used; Svelte belongs to the client's package, not to the root. */
interface RuneCompiler {
  compileModule(
    code: string,
    options: { readonly filename: string; readonly generate: 'client' },
  ): { readonly js: { readonly code: string; readonly map: string } };
}

/**
 * Compiles the runes of `*.svelte.js` in `@ai-sdk/svelte`, which its package leaves to the build of
 * an application.
 */
const svelte: Plugin = {
  name: 'svelte-runes',
  enforce: 'pre',
  async transform(code, id) {
    if (!id.endsWith('.svelte.js')) return null;
    const find = createRequire(path('packages/client/package.json'));
    const { compileModule } = find('svelte/compiler') as RuneCompiler;
    return compileModule(code, { filename: id, generate: 'client' }).js;
  },
};

/** Longer than anything that tests wait for takes on a busy machine; see testkit/src/patience.ts too. */
const patienceMs = 20_000;

function project(
  name: string,
  folder: string,
  test: TestProjectInlineConfiguration['test'] = {},
  aliases: typeof sources = [],
): TestProjectInlineConfiguration {
  return {
    root: path(folder),
    resolve: { alias: aliases },
    test: {
      name,
      include: ['test/**/*.test.{ts,tsx}', 'src/**/*.test.{ts,tsx}'],
      // What is waited for may take long where the processors are busy; how long proves nothing.
      setupFiles: [path('packages/testkit/src/patience.ts')],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: patienceMs } },
      restoreMocks: true,
      unstubGlobals: true,
      ...test,
    },
  };
}

/**
 * What of the server is the same for both majors: it meets the SDK only through parts that are tested over both, its
 * sessions, runs, commands and routes.
 */
const sameForBoth = [
  'test/{bullmq,cli,edge,faults,growth,rights,upkeep,writers}/**',
  'test/{clock,close-on-signals}.test.ts',
  'test/commands/{deciding,draft,enqueue,load-edges,message-sizes,patience,sending,steering,stop-live}.test.ts',
  'test/files/bounds.test.ts',
  // Sockets of the SDK's own transport apart.
  'test/gateway/!(stock*).test.ts',
  'test/http/{command-bodies,handler,on-disconnect,messages-response,place-send,unnamed-answers,wait-until}.test.ts',
  'test/integration/durability.test.ts',
  'test/runs/{aftermath,attempt,carry-out,follow-run,live-attempts,messages-before,outages,pump,steps}.test.ts',
  'test/workers/{outages,work}.test.ts',
];

/** Tests of a package over both majors of the SDK; those that never load it once, in a project of their own. */
function overMajors(
  name: string,
  folder: string,
  without: Readonly<Record<'6' | '7', readonly string[]>> = { 6: [], 7: [] },
): TestProjectInlineConfiguration[] {
  const free = sdkFreeTests(folder);
  const exclude = (major: '6' | '7') => ['node_modules/**', ...free, ...without[major]];
  return [
    project(name, folder, { include: free }),
    project(`${name} (ai 7)`, folder, { exclude: exclude('7') }),
    project(`${name} (ai 6)`, folder, { env: { AI_SDK: '6' }, exclude: exclude('6') }, aiSdk6),
  ];
}

// Starts one Redis for a whole `vitest` run and hands its address to every project.
const redisSetup = path('packages/testkit/src/redis-global-setup.ts');

export default defineConfig({
  plugins: [changed, lua],
  resolve: { alias: sources },
  test: {
    // Two more than the processors of the smallest machine that runs this: many tests wait for a clock.
    maxWorkers: 4,
    fsModuleCache: true,
    globalSetup: existsSync(redisSetup) ? [redisSetup] : [],
    projects: [
      project('protocol', 'packages/protocol'),
      project('log', 'packages/log'),
      ...overMajors('server', 'packages/server', { 7: [], 6: sameForBoth }),
      // The packages for Vue and Svelte bring an `ai` of their own, which is a 7.
      ...overMajors('client', 'packages/client', {
        7: ['test/svelte/**'],
        6: [
          'test/vue/**',
          'test/svelte/**',
          'test/integration/silence.test.ts',
          'test/sync/answers-beside*.test.ts',
        ],
      }),
      {
        ...project(
          'client (svelte)',
          'packages/client',
          {
            include: ['test/svelte/**/*.test.ts'],
            server: { deps: { inline: [/svelte/, /esm-env/] } },
          },
          svelteInBrowser,
        ),
        plugins: [svelte],
      },
      project('create-holdfast', 'packages/create-holdfast'),
      project('testkit', 'packages/testkit'),
      project('scripts', 'scripts', { include: ['*.test.mjs'] }),
      project('bench', 'apps/bench', { testTimeout: 60_000 }),
      project('demo parts', 'apps/demo', { testTimeout: 20_000 }),
      project('demo', 'apps/demo', {
        include: ['e2e/**/*.test.ts'],
        // Browsers and models mostly wait; each file has servers and ports of its own.
        maxWorkers: 2,
        testTimeout: 90_000,
        hookTimeout: 120_000,
      }),
    ],
  },
});
