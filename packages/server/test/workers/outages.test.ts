import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Agent, Job } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

const away = () => new HoldfastError('unavailable', 'unable to reach the log: no answer');

/** A run that waits for a worker, and a worker by a log that a test makes of the one that they share. */
async function setUp(failing: (log: SessionLog) => Partial<SessionLog>) {
  const log = createMemoryLog();
  const added: Job[] = [];
  const dispatch = { add: async (job: Job) => void added.push(job) };
  const route = await startServer({ log, agent: null, dispatch });
  onTestFinished(() => route[Symbol.asyncDispose]());
  const given: string[] = [];
  const agent: Agent = ({ runId }) => {
    given.push(runId);
    return (async function* () {
      yield* answer('Hello.');
    })();
  };
  const worker = await startServer({ log: changed(log, failing(log)), agent });
  onTestFinished(() => worker[Symbol.asyncDispose]());
  const { run } = await route.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const work = () => worker.holdfast.work(added[0] as Job);
  const told = async () => (await allPages(route, 's1')).map((each) => textOf(each));
  return { log, run, work, told, given };
}

it('HF-RUN-13, HF-RUN-19: a worker that has taken a run when the log goes away executes it when that is back', async () => {
  let left = 0;
  const { log, run, work, told, given } = await setUp((shared) => ({
    renew: async (session, command) => {
      const outcome = await shared.renew(session, command);
      if (command.holder !== undefined) left = 3;
      return outcome;
    },
    subscribe: async (session, receive) => {
      if (left-- > 0) throw away();
      return await shared.subscribe(session, receive);
    },
  }));
  await work();
  expect(given).toEqual([run]);
  expect(await told()).toEqual(['Hi', 'Hello.']);
  expect((await log.head('s1'))?.runs).toEqual([]);
});

it('HF-RUN-13, HF-RUN-19: a worker that does not know whether it has taken a run asks until it knows', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let left = 5;
  const { run, work, told, given } = await setUp((shared) => ({
    renew: async (session, command) => {
      const outcome = await shared.renew(session, command);
      if (command.holder === undefined || left-- === 0) return outcome;
      vi.advanceTimersByTime(3_000);
      throw away();
    },
  }));
  await work();
  expect(given).toEqual([run]);
  expect(await told()).toEqual(['Hi', 'Hello.']);
});

it('HF-RUN-19: a send is refused where nobody would make up for a crash behind it, and nothing is written', async () => {
  const log = createMemoryLog();
  const dispatch = { add: vi.fn(async () => {}) };
  const remind = async () => {
    throw away();
  };
  await using route = await startServer({ log: changed(log, { remind }), agent: null, dispatch });
  const message = userMessage('m1', 'Hi');
  const send = { id: 's1', command: 'm1', trigger: 'submit-message', message };
  expect((await route.post(send)).status).toBe(503);
  expect(await log.head('s1')).toBeNull();
  expect(dispatch.add).not.toHaveBeenCalled();
});
