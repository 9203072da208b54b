// Executes the runs that the route hands over, where WORKERS is set: any number of these on one Redis.
import './lib/node-env.ts';
import { bullmqWorker } from '@holdfast/server/bullmq';
import { agents } from './lib/agents.ts';
import { connection, holdfast } from './lib/holdfast.ts';
import { modelName } from './lib/model.ts';

if (!connection) throw new Error('unable to start; a worker needs REDIS_URL to share sessions');
await holdfast.ready();

const worker = bullmqWorker(holdfast, { agent: agents, connection, concurrency: 20 });
await worker.ready();

// From the signal on it takes no jobs; its runs end first, and BullMQ, which waits for its Redis for ever, has 5 s.
let closed: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    closed = worker.close();
  });
holdfast.closeOnSignals({ onClosed: () => closed });
console.log(`Holdfast worker is ready (${modelName()})`);
