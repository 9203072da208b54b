import { createHoldfast, type Holdfast } from '@holdfast/server';
import { bullmqDispatch } from '@holdfast/server/bullmq';
import { authorize } from './access.ts';
import { agentNames } from './agent-names.ts';
import { archiveHooks } from './archive.ts';
import { tools } from './tools.ts';

const list = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** 32 bytes in base64, as `openssl rand -base64 32` gives them. */
const key = process.env.ENCRYPTION_KEY;

export const connection: string | undefined = process.env.REDIS_URL || undefined;

/** Whether worker.ts executes the runs, and not the route. */
export const onWorkers: boolean = Boolean(process.env.WORKERS);
if (onWorkers && !connection) throw new Error('unable to start; workers need REDIS_URL');

/**
 * Imported by the route, by the custom server, by the gateway and by workers. Without REDIS_URL the sessions
 * live in the memory of the process, which the route and the custom server share.
 */
export const holdfast: Holdfast = createHoldfast({
  redis: connection,
  authorize,
  // Those of them that browsers execute: see components/client-tools.ts.
  clientTools: tools,
  ...(archiveHooks ? { hooks: archiveHooks } : {}),
  ...(key ? { encryption: { keys: [{ id: 'demo', key: Buffer.from(key, 'base64') }] } } : {}),
  ...(onWorkers && connection
    ? { dispatch: bullmqDispatch({ connection, agents: agentNames }), onLost: 'retry' as const }
    : {}),
  // The page says for each message what it is to do while an answer is being written.
  whileBusy: ({ asked = 'parallel' }) => asked,
  // Of a longer answer a page that joins is sent the end: it paints no more of it than that.
  limits: { textWindowBytes: 131_072 },
  // Needed when the gateway runs apart from the pages: the browser then comes from another origin.
  origins: list(process.env.HOLDFAST_ORIGINS),
});
