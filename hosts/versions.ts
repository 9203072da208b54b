// What applications of the tests install: exact versions, so that a test that fails tells of a
// change of ours. What these bring along is whatever npm gives to users today.
import type { Dependencies } from './harness/install.ts';

/** Next.js as `create-next-app` installs it. */
export const next16: Dependencies = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' };

/** The oldest `ai` 6 of the peer range, with the hooks that came with it. */
export const oldestAi6: Dependencies = { ai: '6.0.0', '@ai-sdk/react': '3.0.0' };

/** The newest `ai` 6. Its hooks bring the one before it as a copy of their own. */
export const newestAi6: Dependencies = { ai: '6.0.326', '@ai-sdk/react': '3.0.328' };

/** The oldest `ai` 7 of the peer range, with the hooks that came with it. */
export const oldestAi7: Dependencies = { ai: '7.0.0', '@ai-sdk/react': '4.0.0' };

/** The newest `ai` 7. */
export const newestAi7: Dependencies = { ai: '7.0.173', '@ai-sdk/react': '4.0.177' };

/** A peer of every `ai`. */
export const zod: Dependencies = { zod: '4.6.7' };

/** The other peers, so that every entry point can be loaded. */
const peers: Dependencies = { bullmq: '6.7.0', svelte: '5.57.3', vue: '3.5.45' };

/** The bundler of client pages that are not Next's. */
const vite8: Dependencies = { vite: '8.4.0' };

/** Both majors of TypeScript that are in use, with what a consumer's own sources need. */
const typescripts: Dependencies = {
  typescript: '7.0.2',
  typescript5: 'npm:typescript@5.9.3',
  '@types/node': '24.19.2',
  '@types/react': '19.3.0',
  '@types/react-dom': '19.3.0',
};

/** The React before, with its own types, where Next does not choose it. */
export const react18: Dependencies = {
  ...newestAi7,
  ...zod,
  ...peers,
  ...vite8,
  react: '18.3.1',
  'react-dom': '18.3.1',
  typescript: '7.0.2',
  '@types/react': '18.3.31',
  '@types/react-dom': '18.3.7',
};

const shared = { ...next16, ...zod, ...peers };
const tools = { ...vite8, ...typescripts };

/** One set of dependencies for each `ai`, so that all tests of it share one install. */
export const lines = {
  'the oldest ai 6': { ...shared, ...oldestAi6 },
  'the newest ai 6': { ...shared, ...newestAi6, ...tools },
  'the oldest ai 7': { ...shared, ...oldestAi7 },
  'the newest ai 7': { ...shared, ...newestAi7, ...tools },
} satisfies Record<string, Dependencies>;

/** What bundles an app of React Native 0.86, and compiles it; React Native itself is passed in. */
export const reactNative: Dependencies = {
  ...newestAi7,
  ...zod,
  '@babel/core': '7.29.13',
  '@react-native/metro-babel-transformer': '0.86.3',
  'hermes-compiler': '250829098.0.17',
  metro: '0.84.4',
  react: '19.3.1',
};
