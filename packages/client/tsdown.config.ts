import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    ai: 'src/ai/index.ts',
    sync: 'src/sync/index.ts',
    react: 'src/react/index.ts',
    vue: 'src/vue/index.ts',
    svelte: 'src/svelte/index.ts',
    native: 'src/native/index.ts',
    devtools: 'src/devtools/index.ts',
    'devtools-none': 'src/devtools/none.ts',
  },
  platform: 'neutral',
  hash: false,
  target: 'es2024',
  dts: true,
  // `paths` of the base tsconfig point at sources; a build must keep package names.
  tsconfig: 'tsconfig.build.json',
});

export default config;
