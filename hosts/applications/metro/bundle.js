// Bundles as React Native's own configuration of Metro does, without the polyfills of its package.
import { fileURLToPath } from 'node:url';
import { runBuild } from 'metro';
import { getDefaultConfig, mergeConfig } from 'metro-config';

const fileOf = (module) => fileURLToPath(import.meta.resolve(module));

const config = mergeConfig(await getDefaultConfig(import.meta.dirname), {
  resolver: {
    platforms: ['android', 'ios'],
    resolverMainFields: ['react-native', 'browser', 'main'],
    unstable_conditionNames: ['react-native'],
  },
  serializer: { getPolyfills: () => [] },
  transformer: { babelTransformerPath: fileOf('@react-native/metro-babel-transformer') },
});
await runBuild(config, {
  entry: './app.js',
  platform: 'android',
  dev: false,
  minify: false,
  out: 'app.bundle.js',
});
