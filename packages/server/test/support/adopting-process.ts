// A piece of a workflow in a process of its own, for `fork`: the address of Redis, the prefix of its keys, and the session.
import { createRedisLog } from '@holdfast/log/redis';
import { createHoldfast } from '../../src/index.ts';
import { answer, saying } from './gated-agent.ts';

const [redis = '', prefix = '', session = ''] = process.argv.slice(2);

const holdfast = createHoldfast({ log: createRedisLog({ redis, prefix }) });
process.on('disconnect', () => process.exit(0));
await holdfast
  .session(session)
  .adopt({ agent: 'planner', command: 'workflow 1' }, async (run) => {
    const first = await run.step('book', () => process.pid);
    await run.write('plan', saying('Plan.'));
    process.send?.({ booked: first });
    // Said and not finished: this process is killed here.
    return await run.write('act', ({ signal }) =>
      (async function* () {
        yield* answer('Broken').slice(0, 5);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      })(),
    );
  })
  .then(
    (state) => process.send?.({ state }),
    (error: { code?: string }) => process.send?.({ refused: error.code }),
  );
