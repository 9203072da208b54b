import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const core = fileURLToPath(new URL('mastra/core.ts', import.meta.url));

export default defineConfig({
  // Mastra itself brings 390 packages; its adapter is one.
  resolve: { alias: [{ find: /^@mastra\/core\/.*$/, replacement: core }] },
  test: {
    name: 'examples',
    include: ['test/**/*.test.ts', 'testing/*.test.ts'],
    setupFiles: ['../hosts/harness/setup.ts'],
    // Programs mostly wait for their clocks, and builds for nothing.
    maxWorkers: 2,
    // What they print says how far they are.
    disableConsoleIntercept: true,
    server: { deps: { inline: ['@mastra/ai-sdk'] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
