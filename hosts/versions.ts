// What applications of the tests install: exact versions, so that a test that fails tells of a
// change of ours. A test holds the newest ones against those that the packages are tested with.

/** Next.js as `create-next-app` installs it today. */
export const next16 = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' };

/** The oldest `ai` 6 of the peer range, and the hooks that came with it. */
export const oldestAi6 = { ai: '6.0.0', '@ai-sdk/react': '3.0.0' };

/** The newest `ai` 6. The newest hooks bring the one before it as a copy of their own. */
export const newestAi6 = { ai: '6.0.326', '@ai-sdk/react': '3.0.328' };

/** The oldest `ai` 7 of the peer range, and the hooks that came with it. */
export const oldestAi7 = { ai: '7.0.0', '@ai-sdk/react': '4.0.0' };

/** The newest `ai` 7. */
export const newestAi7 = { ai: '7.0.173', '@ai-sdk/react': '4.0.177' };

/** A peer of `ai` in all versions. */
export const zod = { zod: '4.6.7' };
