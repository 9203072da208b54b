import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'examples',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../hosts/harness/setup.ts'],
    // Programs are started and built by them; what they print says how far they are.
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
