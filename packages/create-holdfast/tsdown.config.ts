import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: { cli: 'src/cli.ts' },
  platform: 'node',
  target: 'es2024',
  dts: false,
  // `paths` of the base tsconfig point at sources; a build must keep package names.
  tsconfig: 'tsconfig.build.json',
});

export default config;
