import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'examples',
    include: ['test/**/*.test.ts', 'testing/*.test.ts'],
    setupFiles: ['../hosts/harness/setup.ts'],
    // Programs mostly wait for their clocks, and builds for nothing.
    maxWorkers: 2,
    // What they print says how far they are.
    disableConsoleIntercept: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
