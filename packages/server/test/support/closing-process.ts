// An agent in a process of its own that closes when it is told to, for `fork`: the address of Redis, the prefix of its keys, limits, and what becomes of lost runs.
import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import { answer } from './gated-agent.ts';
import { startServer } from './server.ts';

const [redis = '', prefix = '', limits = '{}', onLost = 'fail'] = process.argv.slice(2);

const server = await startServer({
  log: createRedisLog({ redis, prefix }),
  limits: JSON.parse(limits) as object,
  onLost: onLost === 'retry' ? 'retry' : 'fail',
  agent: ({ signal }) =>
    (async function* () {
      yield* answer('Hello').slice(0, 5);
      if (!signal.aborted) await once(signal, 'abort');
      process.send?.({ aborted: String(signal.reason) });
    })(),
});

process.on('message', async () => {
  await server.holdfast.close({ runsMs: 0 });
  process.send?.({ closed: true });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ api: server.api });
