// An agent in a process of its own, for `fork`: the address of Redis, the prefix of its keys, the lease, and what becomes of lost runs.
import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import { answer } from './gated-agent.ts';
import { startServer } from './server.ts';

const [redis = '', prefix = '', leaseMs = '15000', onLost = 'fail'] = process.argv.slice(2);

const server = await startServer({
  log: createRedisLog({ redis, prefix }),
  whileBusy: ({ asked = 'parallel' }) => asked,
  limits: { leaseMs: Number(leaseMs) },
  onLost: onLost === 'retry' ? 'retry' : 'fail',
  agent: ({ signal, step }) =>
    (async function* () {
      if (onLost === 'retry') await step('charge', () => process.pid);
      yield* answer('Hello').slice(0, 5);
      if (!signal.aborted) await once(signal, 'abort');
      process.send?.({ aborted: String(signal.reason) });
    })(),
});

process.on('disconnect', () => process.exit(0));
process.send?.({ api: server.api });
