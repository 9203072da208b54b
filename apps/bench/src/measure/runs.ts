import { randomUUID } from 'node:crypto';
import type { EntryFrame } from '@holdfast/protocol';
import type { Context } from './context.ts';

export interface RunsPlan {
  /** How many runs go on at once in one session. */
  readonly runs: number;
  readonly perSecond: number;
  /** Of each. */
  readonly chunks: number;
}

/** So many runs at once in one session, from their start until a follower has the end of each. */
export async function runAtOnce(
  { origin, openCrowd }: Context,
  { runs, perSecond, chunks }: RunsPlan,
): Promise<void> {
  if (!openCrowd) throw new Error('this side has no socket to follow a session');
  const id = randomUUID();
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {});
  let ended = 0;
  const crowd = openCrowd(origin, id, {
    onEntry: (_, frame) => {
      const { d } = JSON.parse(String(frame)) as EntryFrame;
      if (d.k !== 'run-end') return;
      if (d.outcome !== 'finished') done.reject(new Error(`a run was ${d.outcome}`));
      if (++ended === runs) done.resolve();
    },
    onFault: done.reject,
  });
  try {
    await crowd.join(0);
    const schedule = { kind: 'paced', perSecond, count: chunks };
    const response = await fetch(`${origin}/agents`, {
      method: 'POST',
      body: JSON.stringify({ id, agents: runs, schedule }),
    });
    if (!response.ok) throw new Error(`the agents did not start: ${await response.text()}`);
    await done.promise;
  } finally {
    crowd.close();
  }
}
