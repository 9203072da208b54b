import type { SessionLog } from '@holdfast/log';
import type { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer } from '../support/gated-agent.ts';
import { ask, leave, lookingProcess, queue, session } from '../support/looking.ts';

interface Story {
  readonly options: HoldfastOptions;
  /** Where the agent is. @default 'here' */
  readonly agent?: 'elsewhere';
  readonly prepare: (log: SessionLog) => Promise<void>;
  /** The outcomes of the runs in the end. */
  readonly ends: readonly string[];
}

const retry = { onLost: 'retry' } as const;
const dispatch = { add: async () => {} };
const leaveToWorker = (log: SessionLog) => leave(log, { by: 'worker' });

const stories: readonly (readonly [string, Story])[] = [
  ['a lost run is run again', { options: retry, prepare: leave, ends: ['finished'] }],
  [
    'one that was often enough is ended',
    { options: { ...retry, maxAttempts: 1 }, prepare: leave, ends: ['failed'] },
  ],
  [
    'one whose agent nobody has is ended',
    { options: retry, agent: 'elsewhere', prepare: leave, ends: ['lost'] },
  ],
  [
    'one that no worker takes is ended',
    {
      options: { dispatch, limits: { dispatchMs: 30_000 } },
      prepare: leaveToWorker,
      ends: ['lost'],
    },
  ],
  ['what is queued is begun', { options: {}, prepare: queue, ends: ['finished'] }],
  [
    'what is queued is handed to a worker, and ended where none takes it',
    { options: { dispatch, limits: { dispatchMs: 30_000 } }, prepare: queue, ends: ['lost'] },
  ],
  [
    'approvals are denied in the end',
    { options: { approvalMs: 1 }, prepare: ask, ends: ['finished', 'finished'] },
  ],
];

async function begun({ options, agent, prepare }: Story) {
  const made = lookingProcess(options);
  await prepare(made.inner);
  if (agent !== 'elsewhere')
    made.core.scheduler.register('agent', () =>
      (async function* () {
        yield* answer('Hello');
      })(),
    );
  else made.core.scheduler.register('another', () => (async function* () {})());
  const ends = async () =>
    (await entriesIn(made.inner, session)).flatMap((entry) =>
      entry.k === 'run-end' ? [entry.outcome] : [],
    );
  const lookUntilOver = async (wanted: readonly string[]) => {
    for (let looks = 0; looks < 20 && (await ends()).length < wanted.length; looks++)
      await made.lookAround();
    expect(await ends()).toEqual(wanted);
  };
  return { ...made, lookUntilOver };
}

describe.each(stories)('HF-RUN-22: %s', (_, story) => {
  it('and nothing of it is left under way', async () => {
    const { lookUntilOver, errors } = await begun(story);
    await lookUntilOver(story.ends);
    expect(errors).toEqual([]);
  });

  it('also where the log refuses one call, whichever it is, and that is reported', async () => {
    const { lookUntilOver, calls } = await begun(story);
    await lookUntilOver(story.ends);
    expect(calls.length).toBeGreaterThan(2);
    for (const [at, [name]] of calls.entries()) {
      const refused = await begun(story);
      refused.refuse(at);
      await refused.lookUntilOver(story.ends);
      const codes = refused.errors.map((error) => (error as HoldfastError).code);
      // What a run writes, and what a later call makes up for, is repeated or left.
      const isTold = name === 'suspect' || name === 'reap' || name === 'claim';
      expect(codes).toEqual(isTold ? ['unavailable'] : expect.toBeOneOf([['unavailable'], []]));
    }
  });
});
