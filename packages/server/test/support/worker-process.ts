// A worker of BullMQ in a process of its own, for `fork`: the addresses and names of a place (JSON), how many
// runs it executes at a time, and the word that it says.
import { createRedisLog } from '@holdfast/log/redis';
import { bullmqWorker } from '../../src/bullmq/index.ts';
import { type Agent, createHoldfast, HoldfastError } from '../../src/index.ts';
import { answer } from './gated-agent.ts';

const [place = '{}', concurrency = '10', word = 'done'] = process.argv.slice(2);
const { redis, prefix, jobs, limits } = JSON.parse(place);

const opened = Promise.withResolvers<void>();

/** Does its step, says a half, and says the rest when it may. */
const agent: Agent = ({ runId, sessionId, step }) =>
  (async function* () {
    process.send?.({ began: sessionId, run: runId, pid: process.pid });
    await step('charge', () => {
      process.send?.({ charged: sessionId });
      return process.pid;
    });
    const chunks = answer(word);
    yield* chunks.slice(0, 4);
    await opened.promise;
    yield* chunks.slice(4);
  })();

const log = createRedisLog({ redis, prefix });
const onError = (error: unknown) =>
  process.send?.({
    error: HoldfastError.is(error) ? error.code : String(error),
    says: (error as Error).message,
  });
const holdfast = createHoldfast({ log, onLost: 'retry', limits, onError });
const worker = bullmqWorker(holdfast, {
  agent,
  connection: redis,
  prefix: jobs,
  concurrency: Number(concurrency),
  onError,
});

process.on('message', (message) => {
  if (message === 'open') opened.resolve();
  if (message === 'close') void worker.close().then(() => process.send?.({ closed: true }));
});
process.on('disconnect', () => process.exit(0));
await worker.ready();
process.send?.({ ready: true });
