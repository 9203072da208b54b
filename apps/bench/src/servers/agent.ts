// A process that does nothing but run an agent, until it is killed: `node servers/agent.ts`.
import { createHoldfast } from '@holdfast/server';
import { serveParent } from '../ipc.ts';
import { answer } from '../schedule.ts';

const holdfast = createHoldfast({
  redis: process.env.REDIS_URL,
  // Nobody asks this process for anything.
  authorize: () => null,
});

serveParent({
  /** Begins a run in the session that says a word and goes on. */
  begin: async (id: string) => {
    const begun = Promise.withResolvers<void>();
    void holdfast.session(id).run({ agent: 'agent' }, () => {
      begun.resolve();
      return answer({ kind: 'burst', count: 1 });
    });
    await begun.promise;
  },
});
