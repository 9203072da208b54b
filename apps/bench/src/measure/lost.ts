import { randomUUID } from 'node:crypto';
import type { EntryFrame } from '@holdfast/protocol';
import { startChild } from '../ipc.ts';
import type { Context } from './context.ts';

/** Milliseconds from `kill -9` of the process of a run to its end, as a follower elsewhere is told it. */
export async function measureLost({ origin, openCrowd }: Context): Promise<number> {
  if (!openCrowd) throw new Error('this side has no socket to follow a session');
  const id = randomUUID();
  const ended = Promise.withResolvers<number>();
  ended.promise.catch(() => {});
  const crowd = openCrowd(origin, id, {
    onEntry: (_, frame) => {
      const { d } = JSON.parse(String(frame)) as EntryFrame;
      if (d.k !== 'run-end') return;
      if (d.outcome === 'lost') ended.resolve(performance.now());
      else ended.reject(new Error(`the run was ${d.outcome}`));
    },
    onFault: ended.reject,
  });
  const agent = await startChild('servers/agent.ts', []);
  try {
    await crowd.join(0);
    await agent.call('begin', id);
    const killed = performance.now();
    await agent.stop();
    return (await ended.promise) - killed;
  } finally {
    await agent.stop();
    crowd.close();
  }
}
