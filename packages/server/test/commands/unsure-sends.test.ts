import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { away, hello, losingAnswers } from '../support/losing-answers.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';
import { allPages, saidBy, textOf } from '../support/talk.ts';

function counting() {
  const calls: string[] = [];
  const agent: Agent = ({ runId }) => {
    calls.push(runId);
    return (async function* () {
      yield* answer('Hello.');
    })();
  };
  return { agent, calls };
}

it('HF-RUN-10: a send that the log took while nobody knew is executed once, however often it is repeated', async () => {
  const memory = createMemoryLog();
  const { log, become } = losingAnswers(memory);
  const { agent, calls } = counting();
  await using one = await startServer({ log, agent });
  await using two = await startServer({ log: memory, agent });
  become('unsure');
  const refused = await one.post(hello('s1'));
  expect(refused.status).toBe(503);
  become('up');
  const again = await Promise.all([one, two, one, two].map((each) => each.post(hello('s1'))));
  const answers = await Promise.all(again.map((each) => each.json()));
  expect(new Set(answers.map(({ run }) => run)).size).toBe(1);
  await vi.waitFor(
    async () =>
      expect((await allPages(two, 's1')).map((each) => textOf(each))).toEqual(['Hi', 'Hello.']),
    { timeout: 20_000 },
  );
  expect(calls).toEqual([answers[0].run]);
  expect((await memory.head('s1'))?.runs).toEqual([]);
});

it('HF-RUN-10: a send that the log never got is not written afterwards', async () => {
  const memory = createMemoryLog();
  const { log, become } = losingAnswers(memory);
  const { agent, calls } = counting();
  await using server = await startServer({ log, agent });
  become('cut');
  expect((await server.post(hello('s1'))).status).toBe(503);
  const command = vi.spyOn(memory, 'command');
  const send = vi.spyOn(memory, 'send');
  become('up');
  await vi.waitFor(() => expect(command).toHaveBeenCalled(), { timeout: 20_000 });
  expect(send).not.toHaveBeenCalled();
  expect(await memory.head('s1')).toBeNull();
  expect((await server.post(hello('s1'))).status).toBe(200);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
});

const dispatch = { add: () => Promise.reject(new Error('not for a worker')) };

it.each([
  ['', {}],
  [', whatever is for workers', { dispatch }],
])(
  'HF-RUN-10: a run of the server that the log took while nobody knew is executed once, there%s',
  async (_, options) => {
    const { log, become } = losingAnswers(createMemoryLog());
    const { agent, calls } = counting();
    await using server = await startServer({ log, agent: null, ...options });
    const session = server.holdfast.session('s1');
    const note = () => session.run({ agent: 'notifier', command: 'report 7' }, agent);
    become('unsure');
    await expect(note()).rejects.toMatchObject({ code: 'unavailable' });
    become('up');
    const [one, other] = await Promise.all([note(), note()]);
    expect(other.run).toBe(one.run);
    const ended = async () => expect((await note()).state).toBe('finished');
    await vi.waitFor(ended, { timeout: 10_000 });
    expect((await session.messages()).messages.map(saidBy)).toEqual([
      expect.stringMatching(/: Hello\.$/),
    ]);
    expect(calls).toEqual([one.run]);
  },
);

it('HF-RUN-10: a child is executed where the log was away for a moment when it looked for its parent', async () => {
  const memory = createMemoryLog();
  let isAway = false;
  const log = changed(memory, {
    send: async (session, command) => {
      const outcome = await memory.send(session, command);
      isAway = command.if?.runLive !== undefined;
      return outcome;
    },
    run: async (session, run) => {
      if (isAway) {
        isAway = false;
        throw away();
      }
      return await memory.run(session, run);
    },
  });
  await using server = await startServer({ log, agent: null });
  const session = server.holdfast.session('s1');
  const gated = gatedAgent();
  const parent = session.run({ agent: 'planner' }, gated.agent);
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  const { agent, calls } = counting();
  const child = { agent: 'searcher', parent: gated.calls[0]?.runId ?? '' };
  expect(await session.run(child, agent)).toMatchObject({ state: 'finished' });
  expect(calls).toHaveLength(1);
  gated.end();
  expect(await parent).toMatchObject({ state: 'finished' });
});

it('HF-RUN-24: a child whose parent came to its own end before it was looked at goes on', async () => {
  const memory = createMemoryLog();
  let endParent = async () => {};
  const log = changed(memory, {
    send: async (session, command) => {
      const outcome = await memory.send(session, command);
      if (command.if?.runLive !== undefined) await endParent();
      return outcome;
    },
  });
  await using server = await startServer({ log, agent: null });
  const session = server.holdfast.session('s1');
  const gated = gatedAgent();
  const parent = session.run({ agent: 'planner' }, gated.agent);
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  endParent = async () => {
    gated.end();
    expect(await parent).toMatchObject({ state: 'finished' });
  };
  const { agent, calls } = counting();
  const child = { agent: 'searcher', parent: gated.calls[0]?.runId ?? '' };
  expect(await session.run(child, agent)).toMatchObject({ state: 'finished' });
  expect(calls).toHaveLength(1);
});

it('HF-RUN-24: a child of an engine whose parent was being stopped is stopped at the repetition, where nobody knew that it had begun', async () => {
  const { log, become } = losingAnswers(createMemoryLog());
  await using server = await startServer({ log, agent: null });
  const session = server.holdfast.session('s1');
  const begun = Promise.withResolvers<string>();
  const gate = Promise.withResolvers<void>();
  const parent = session.adopt({ agent: 'planner', command: 'plan' }, async ({ run }) => {
    begun.resolve(run);
    await gate.promise;
  });
  const run = await begun.promise;
  expect((await postJson(`${server.api}/s1/cancel`, { run })).status).toBe(200);
  const child = { agent: 'searcher', command: 'search', parent: run };
  const search = () => session.adopt(child, async ({ state }) => state);
  become('unsure');
  await expect(search()).rejects.toMatchObject({ code: 'unavailable' });
  become('up');
  expect(await search()).toBe('stopped');
  gate.resolve();
  await parent;
});

it('HF-RUN-10: a send that waits is executed, once, where the log took it out of the queue while nobody knew', async () => {
  const memory = createMemoryLog();
  const { log, become } = losingAnswers(memory);
  const gated = gatedAgent();
  const onError = vi.fn();
  await using server = await startServer({ log, agent: gated.agent, onError });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await server.send({ id: 's1', message: userMessage('m2', 'And?'), whileBusy: 'queue' });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  become('unsure');
  gated.emit(...answer('Hello.'));
  gated.end();
  const unsure = expect.objectContaining({ code: 'unavailable' });
  await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(unsure, expect.anything()));
  expect((await memory.head('s1'))?.runs).toHaveLength(1);
  become('up');
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2), { timeout: 20_000 });
  gated.emit(...answer('Again.'));
  gated.end();
  await vi.waitFor(async () =>
    expect((await allPages(server, 's1')).map((each) => textOf(each))).toEqual([
      'Hi',
      'Hello.',
      'And?',
      'Again.',
    ]),
  );
  expect((await memory.head('s1'))?.runs).toEqual([]);
});

it('F6, HF-RUN-10: a run goes on when the log is lost and the answer to its repeated start as well', async () => {
  const memory = createMemoryLog();
  let step: 'up' | 'lost' | 'back' = 'up';
  const log = changed(memory, {
    append: async (session, append) => {
      if (append.seq === 2 && step === 'up') {
        step = 'lost';
        (memory as unknown as { sessions: Map<string, unknown> }).sessions.clear();
      }
      return await memory.append(session, append);
    },
    send: async (session, command) => {
      const outcome = await memory.send(session, command);
      if (step !== 'lost') return outcome;
      step = 'back';
      throw away();
    },
  });
  const agent: Agent = () =>
    (async function* () {
      for (const chunk of answer('Hello.')) {
        yield chunk;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
  await using server = await startServer({ log, agent });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await vi.waitFor(async () => {
    expect(step).toBe('back');
    expect((await memory.head('s1'))?.runs).toEqual([]);
  });
  expect((await allPages(server, 's1')).map((each) => textOf(each))).toEqual(['Hi', 'Hello.']);
});
