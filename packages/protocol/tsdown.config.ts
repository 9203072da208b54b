import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    answers: 'src/answers.ts',
    projection: 'src/projection/index.ts',
    sums: 'src/sums.ts',
  },
  platform: 'neutral',
  target: 'es2024',
  dts: true,
  // `paths` of the base tsconfig point at sources; a build must keep package names.
  tsconfig: 'tsconfig.build.json',
});

export default config;
