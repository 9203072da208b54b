import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    cli: 'src/cli/main.ts',
    bullmq: 'src/bullmq/index.ts',
    next: 'src/next/index.ts',
    node: 'src/node/index.ts',
    testing: 'src/testing/index.ts',
  },
  platform: 'node',
  target: 'es2024',
  dts: true,
  // `paths` of the base tsconfig point at sources; a build must keep package names.
  tsconfig: 'tsconfig.build.json',
});

export default config;
