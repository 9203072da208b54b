// A gateway in a process of its own, for `fork`: the address of Redis, the prefix of its keys, and limits.
import { createRedisLog } from '@holdfast/log/redis';
import { startServer } from './server.ts';

const [redis = '', prefix = '', limits = '{}'] = process.argv.slice(2);

const server = await startServer({
  log: createRedisLog({ redis, prefix }),
  limits: JSON.parse(limits),
});

/** As long as its clients may take to move on. */
const drainMs = 10_000;
process.on('SIGTERM', () => {
  void server.holdfast.close({ drainMs }).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ origin: server.origin });
