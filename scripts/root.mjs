// Apart from toolchain.mjs, which listens to signals: vitest.config.ts must not.
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));
