import { createHoldfast, type Holdfast } from '@holdfast/server';
import { authorize } from './access.ts';
import { archiveHooks } from './archive.ts';

const list = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** 32 bytes in base64, as `openssl rand -base64 32` gives them. */
const key = process.env.ENCRYPTION_KEY;

/**
 * Imported by the route, by the custom server and by the gateway. Without REDIS_URL the sessions
 * live in the memory of the process, which the route and the custom server share.
 */
export const holdfast: Holdfast = createHoldfast({
  redis: process.env.REDIS_URL || undefined,
  authorize,
  ...(archiveHooks ? { hooks: archiveHooks } : {}),
  ...(key ? { encryption: { keys: [{ id: 'demo', key: Buffer.from(key, 'base64') }] } } : {}),
  // The page says for each message what it is to do while an answer is being written.
  whileBusy: ({ asked = 'parallel' }) => asked,
  // Needed when the gateway runs apart from the pages: the browser then comes from another origin.
  origins: list(process.env.HOLDFAST_ORIGINS),
});
