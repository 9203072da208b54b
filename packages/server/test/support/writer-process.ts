// An agent in a process of its own, for `fork`, which says as much as it is told to: the address of Redis, the
// prefix of its keys, the agent's name, the word that it says, and what becomes of lost runs.
import { createRedisLog } from '@holdfast/log/redis';
import { type Agent, type AgentContext, createHoldfast, HoldfastError } from '../../src/index.ts';
import { spoken } from './spoken.ts';

const [redis = '', prefix = '', name = '', word = '', onLost = 'fail', limits = '{}'] =
  process.argv.slice(2);

interface Command {
  /** A session in which to run the agent. */
  readonly run?: string;
  /** How many words it may say. */
  readonly upTo?: number;
  /** A step to do for the run that it has. */
  readonly step?: string;
}

let allowed = 0;
let wake = () => {};
let context: AgentContext | undefined;

const agent: Agent = (given) => {
  context = given;
  process.send?.({ began: given.runId });
  return (async function* () {
    yield { type: 'start' as const };
    yield { type: 'text-start' as const, id: 't' };
    for (const [at, delta] of spoken(word).entries()) {
      while (at >= allowed)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      yield { type: 'text-delta' as const, id: 't', delta };
      // As a model does: a word is a turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield { type: 'text-end' as const, id: 't' };
    yield { type: 'finish' as const };
  })();
};

const holdfast = createHoldfast({
  log: createRedisLog({ redis, prefix }),
  authorize: () => ({ id: 'user-1' }),
  onLost: onLost === 'retry' ? 'retry' : 'fail',
  limits: JSON.parse(limits),
  onError: (error) => process.send?.({ error: HoldfastError.is(error) ? error.code : `${error}` }),
});
if (onLost === 'retry') holdfast.register(agent, name);

process.on('message', ({ run, upTo, step }: Command) => {
  if (upTo !== undefined) {
    allowed = upTo;
    wake();
  }
  if (step !== undefined)
    context
      ?.step(step, () => {
        process.send?.({ did: step });
        return word;
      })
      .then(
        (gave) => process.send?.({ step, gave }),
        (error: { code?: string }) => process.send?.({ step, refused: error.code }),
      );
  if (run !== undefined)
    void holdfast
      .session(run)
      .run({ agent: name }, agent)
      .then((ended) => process.send?.({ ended }));
});

process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
