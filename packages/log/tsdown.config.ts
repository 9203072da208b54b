import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    redis: 'src/redis/index.ts',
    encrypted: 'src/encrypted/index.ts',
    conformance: 'src/conformance/index.ts',
  },
  platform: 'node',
  target: 'es2024',
  dts: true,
  // Lua scripts are bundled as text. In tests the same import goes through the
  // `lua` plugin of vitest.config.ts; its type is in src/redis/lua.d.ts.
  loader: { '.lua': 'text' },
  // `paths` of the base tsconfig point at sources; a build must keep package names.
  tsconfig: 'tsconfig.build.json',
});

export default config;
