import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'hosts',
    include: ['test/**/*.test.ts'],
    globalSetup: ['harness/global-setup.ts'],
    setupFiles: ['harness/setup.ts'],
    // Installs and builds use all processors by themselves, and share what is installed.
    fileParallelism: false,
    // What they print says how far they are.
    disableConsoleIntercept: true,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
