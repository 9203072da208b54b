import { say, scriptedModel } from '@holdfast/testkit/scripted-model';
import { convertToModelMessages, streamText } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { Agent, AgentContext, Agents, HoldfastOptions, Job } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

/** Answers `re: ` and what it was asked, and remembers what it was given. */
function answering() {
  const given: AgentContext[] = [];
  const agent: Agent = (context) => {
    given.push(context);
    const asked = context.messages.findLast(({ role }) => role === 'user');
    return (async function* () {
      yield* answer(`re: ${textOf(asked as never)}`);
    })();
  };
  return { agent, given };
}

/** A queue of jobs that a test hands to workers itself. */
function jobs() {
  const added: Job[] = [];
  let refused = 0;
  return {
    added,
    refuse: (count: number) => {
      refused = count;
    },
    dispatch: {
      add: async (job: Job) => {
        if (refused-- > 0) throw new Error('the queue is away');
        added.push(job);
      },
    },
  };
}

/** A client that has caught up, also with a session that does not exist yet. */
async function followed(server: TestServer, id: string) {
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  await client.next('live');
  return client;
}

describe.each(eachStore())('runs on workers, in %s', (_, makeLog) => {
  function setUp(options: HoldfastOptions = {}) {
    const log = makeLog();
    const { added, refuse, dispatch } = jobs();
    const id = `s-${crypto.randomUUID()}`;
    const start = async (agent: Agents | null, more: HoldfastOptions = {}) => {
      return await startOwnServer({ log, agent, dispatch, ...options, ...more });
    };
    const ask = (server: TestServer, text: string, more: object = {}) =>
      server.send({ id, command: text, message: userMessage(text, text), ...more });
    const told = async (server: TestServer) =>
      (await allPages(server, id)).map((message) => `${message.role}: ${textOf(message)}`);
    const runs = async (server: TestServer) => (await join(server, id)).runs ?? [];
    return { log, id, added, refuse, start, ask, told, runs };
  }

  it('HF-RUN-19: a worker executes what a route without an agent was asked for, given the same', async () => {
    const { id, added, start, ask, told } = setUp();
    const { agent, given } = answering();
    const route = await start(null);
    const worker = await start(agent);
    const sent = await ask(route, 'hi', { body: { kept: true }, metadata: 7 });
    expect(sent.state).toBe('running');
    expect(added).toMatchObject([{ v: 1, run: sent.run, attempt: 1, agent: 'agent' }]);
    await worker.holdfast.work(added[0] as Job);
    expect(await told(route)).toEqual(['user: hi', 'assistant: re: hi']);
    expect(given).toMatchObject([
      {
        messages: [{ id: 'hi' }],
        messageId: sent.messageId,
        runId: sent.run,
        body: { kept: true },
        metadata: 7,
        participant: { id: 'user-1' },
        request: null,
      },
    ]);
    const before = await allPages(route, id);
    await ask(route, 'and');
    await worker.holdfast.work(added[1] as Job);
    expect(given[1]?.messages).toEqual([...before, userMessage('and', 'and')]);
  });

  it('HF-RUN-19: a stock client of such a route gets the stream of the worker', async () => {
    const { id, added, start } = setUp();
    const route = await start(null);
    const worker = await start(answering().agent);
    const messages = [userMessage('m', 'hi')];
    const response = await route.post({ id, messages, trigger: 'submit-message' });
    await worker.holdfast.work(added[0] as Job);
    expect(await response.text()).toMatch(/"text-end".*\[DONE\]/s);
  });

  it('HF-RUN-19: one worker does a job, however many are given it, and however often', async () => {
    const { added, start, ask, told } = setUp();
    const workers = [answering(), answering(), answering()];
    const route = await start(null);
    const servers = await Promise.all(workers.map(({ agent }) => start(agent)));
    await ask(route, 'hi');
    const job = added[0] as Job;
    await Promise.all([...servers, ...servers].map(({ holdfast }) => holdfast.work(job)));
    expect(workers.flatMap(({ given }) => given)).toHaveLength(1);
    await servers[0]?.holdfast.work(job);
    expect(workers.flatMap(({ given }) => given)).toHaveLength(1);
    expect(await told(route)).toEqual(['user: hi', 'assistant: re: hi']);
  });

  it('HF-RUN-19: a send whose job was not taken is `unavailable`, and repeating it makes up for that', async () => {
    const { id, added, refuse, start, ask, told } = setUp();
    const { agent, given } = answering();
    const route = await start(null);
    const worker = await start(agent);
    refuse(1);
    const send = { id, command: 'hi', trigger: 'submit-message', message: userMessage('hi', 'hi') };
    expect((await route.post(send)).status).toBe(503);
    expect(await told(route)).toEqual(['user: hi']);
    await ask(route, 'hi');
    expect(added).toHaveLength(1);
    await worker.holdfast.work(added[0] as Job);
    expect(await told(route)).toEqual(['user: hi', 'assistant: re: hi']);
    expect(given).toHaveLength(1);
  });

  it('HF-RUN-19: a job that died with its process is added again', async () => {
    const { id, log, added, refuse, start } = setUp();
    const route = await start(null);
    refuse(1);
    await route.post({
      id,
      command: 'hi',
      trigger: 'submit-message',
      message: userMessage('hi', 'hi'),
    });
    await log.remind('runs', id, 0);
    await vi.waitFor(() => expect(added.length).toBeGreaterThan(0), { timeout: 20_000 });
    const { agent, given } = answering();
    await (await start(agent)).holdfast.work(added[0] as Job);
    expect(given).toHaveLength(1);
  }, 60_000);

  it.each(['a stop', 'an edit'])(
    'HF-RUN-19: a run that waits for a worker is not lost, and %s ends it at once',
    async (what) => {
      const { log, added, start, ask, id } = setUp({ limits: { leaseMs: 50, pollMs: 20 } });
      const { agent, given } = answering();
      const route = await start(null);
      const { run } = await ask(route, 'hi');
      await followed(route, id);
      if (what === 'an edit') await ask(route, 'anew', { after: null });
      else expect((await postJson(`${route.api}/${id}/cancel`, { run })).status).toBe(200);
      expect(await log.run(id, run)).toMatchObject({ state: 'stopped' });
      await (await start(agent)).holdfast.work(added[0] as Job);
      expect(given).toEqual([]);
    },
  );

  it('HF-RUN-19: a run that no worker comes for is lost when its time is over', async () => {
    const { start, ask, runs, id } = setUp({ limits: { dispatchMs: 50, pollMs: 20 } });
    const route = await start(null);
    // Before it is asked: what a snapshot tells comes as no entry.
    const client = await followed(route, id);
    const { run } = await ask(route, 'hi');
    await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
    expect(await runs(route)).toMatchObject([{ run, state: 'lost' }]);
  });

  it('HF-RUN-16, HF-RUN-19: the next attempt of a run whose worker died is a job too, until it was tried often enough', async () => {
    const limits = { leaseMs: 50, pollMs: 20 };
    const { log, id, added, start, ask, runs } = setUp({
      limits,
      onLost: 'retry',
      maxAttempts: 2,
    });
    const route = await start(null);
    const client = await followed(route, id);
    const { run } = await ask(route, 'hi');
    // As a worker leaves it that has begun and died.
    const die = (attempt: number) =>
      log.renew(id, { run, attempt, leaseMs: 1, holder: `dead ${attempt}` });
    await die(1);
    await vi.waitFor(() => expect(added.at(-1)).toMatchObject({ run, attempt: 2 }));
    await die(2);
    await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
    expect(await runs(route)).toMatchObject([{ run, state: 'failed', reason: 'attempts' }]);
    expect(added.every(({ attempt }) => attempt <= 2)).toBe(true);
  });

  it('HF-RUN-19: messages that were sent to a run before its worker came are given to its model', async () => {
    const { added, start, ask, id, told } = setUp();
    const route = await start(null);
    const worker = await start(async ({ messages, prepareStep, steering, signal }) => {
      const model = scriptedModel({
        script: ({ options }) => [say([`given: ${JSON.stringify(options.prompt)}`])],
      });
      return streamText({
        model,
        messages: await convertToModelMessages(messages),
        abortSignal: signal,
        prepareStep,
        experimental_steering: steering,
      } as unknown as Parameters<typeof streamText>[0]);
    });
    await ask(route, 'hi');
    const steered = await postJson(`${route.api}/${id}/steer`, {
      message: userMessage('more', 'be brief'),
    });
    expect(await steered.json()).toMatchObject({ state: 'waiting' });
    await worker.holdfast.work(added[0] as Job);
    expect((await told(route)).at(-1)).toMatch(/^assistant: given: .*be brief/);
  });

  it('HF-RUN-19: what waits in the queue goes to a worker in its turn', async () => {
    const { added, start, ask, told } = setUp({ whileBusy: 'queue' });
    const { agent } = answering();
    const route = await start(null);
    const worker = await start(agent);
    await ask(route, 'one');
    await ask(route, 'two');
    expect(added).toHaveLength(1);
    await worker.holdfast.work(added[0] as Job);
    await vi.waitFor(() => expect(added).toHaveLength(2));
    await worker.holdfast.work(added[1] as Job);
    expect(await told(route)).toEqual([
      'user: one',
      'assistant: re: one',
      'user: two',
      'assistant: re: two',
    ]);
  });

  it.each([
    ['an agent that the worker does not have', { agent: 'nobody' }, 'not_found'],
    ['a later version', { v: 2 }, 'bad_request'],
    ['no form', { run: 7 }, 'bad_request'],
  ])('HF-RUN-19: a job with %s is refused and nothing is lost', async (_name, change, code) => {
    const { added, start, ask, told } = setUp();
    const { agent } = answering();
    const route = await start(null);
    const worker = await start(agent);
    await ask(route, 'hi');
    const job = added[0] as Job;
    const broken = { ...job, ...change } as unknown as Job;
    await expect(worker.holdfast.work(broken)).rejects.toMatchObject({ code });
    await worker.holdfast.work(job);
    expect(await told(route)).toEqual(['user: hi', 'assistant: re: hi']);
  });

  it('HF-RUN-19: a job that nobody can do is given up with a reason, unless somebody is at it', async () => {
    const { added, start, ask, runs, told } = setUp();
    const route = await start(null);
    await ask(route, 'hi');
    const job = added[0] as Job;
    await route.holdfast.giveUp(job, 'not_found');
    expect(await runs(route)).toMatchObject([{ state: 'failed', reason: 'not_found' }]);
    expect(await told(route)).toEqual(['user: hi']);
    const { agent, given } = answering();
    const worker = await start(agent);
    await worker.holdfast.work(job);
    expect(given).toEqual([]);
    await ask(route, 'again');
    const next = added[1] as Job;
    await Promise.all([worker.holdfast.work(next), route.holdfast.giveUp(next, 'x')]);
    expect((await runs(route)).at(-1)?.state).toMatch(/finished|failed/);
    expect(given.length).toBeLessThan(2);
  });

  it('HF-RUN-19: a job of a session that was deleted does nothing', async () => {
    const { id, log, added, start, ask } = setUp();
    const { agent, given } = answering();
    const route = await start(null);
    const worker = await start(agent);
    await ask(route, 'hi');
    await route.holdfast.session(id).delete();
    await worker.holdfast.work(added[0] as Job);
    expect(given).toEqual([]);
    expect(await log.head(id)).toBeNull();
  });

  it('a route without an agent and without workers says so', async () => {
    const { id, start } = setUp();
    const route = await start(null, { dispatch: undefined });
    const send = { id, command: 'c', trigger: 'submit-message', message: userMessage('m', 'm') };
    expect((await route.post(send)).status).toBe(500);
    expect(String((route.errors[0] as Error).cause)).toContain('there is no agent');
  });
});
