import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import type { Entry } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Queue, Worker } from 'bullmq';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { type BullmqDispatchOptions, bullmqDispatch } from '../../src/bullmq/index.ts';
import { jobId } from '../../src/contract/job.ts';
import type { Dispatch, Job } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { Follower } from '../support/follower.ts';
import { type Forked, forked } from '../support/forked.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

// The route has no agent; workers in processes of their own do what it is asked for.
const limits = { leaseMs: 1_000, graceMs: 100, pollMs: 100 };

async function setUp(
  dispatched: Partial<BullmqDispatchOptions> = {},
  dispatch?: (queue: Queue<Job>) => Dispatch,
) {
  const redis = inject('redisUrl');
  const prefix = uniquePrefix();
  const jobs = `{${prefix}}`;
  const log = createRedisLog({ redis, prefix });
  onTestFinished(() => log.close());
  // What BullMQ has, seen past Holdfast.
  const queue = new Queue<Job>('holdfast', { connection: { url: redis }, prefix: jobs });
  onTestFinished(() => queue.close());
  const place = { connection: redis, prefix: jobs };
  const route = await startOwnServer({
    log,
    limits,
    onLost: 'retry',
    agent: null,
    dispatch: dispatch?.(queue) ?? bullmqDispatch({ ...place, ...dispatched }),
  });
  const worker = async (concurrency: number, word = 'done') => {
    const where = JSON.stringify({ redis, prefix, jobs, limits });
    const process = forked('worker-process.ts', where, String(concurrency), word);
    await process.tells('ready');
    return process;
  };
  const ask = (id: string, more: object = {}) =>
    route.send({ id, command: 'hi', message: userMessage('hi', 'hi'), ...more });
  const follow = async (id: string) => {
    const client = new Follower(id);
    onTestFinished(() => client.leave());
    await client.follow(route.origin);
    return client;
  };
  const entries = (id: string): Promise<readonly Entry[]> => entriesIn(log, id);
  const told = async (id: string) =>
    (await allPages(route, id)).map((message) => `${message.role}: ${textOf(message)}`);
  const runs = async (id: string) => (await join(route, id)).runs ?? [];
  return { queue, worker, ask, follow, entries, told, runs };
}

const session = () => `s-${crypto.randomUUID()}`;

/** Waits as long as it takes to lose a lease, or for BullMQ to try again. */
const eventually = <T>(test: () => T | Promise<T>) => vi.waitFor(test, { timeout: 20_000 });

/** Adds the job under a name of its own, as if it had come again, and waits until it is done. */
async function again(queue: Queue<Job>, job: Job): Promise<void> {
  const name = crypto.randomUUID();
  await queue.add(job.agent, job, { jobId: name, removeOnComplete: false });
  await eventually(async () => expect(await queue.getJobState(name)).toBe('completed'));
}

const begun = ({ told }: Forked) => told.flatMap(({ began }) => (began ? [String(began)] : []));

it('HF-RUN-19: a worker executes as many runs at once as it may, and another one shares the work', async () => {
  const { queue, worker, ask, told } = await setUp();
  const ids = [session(), session(), session(), session()];
  const one = await worker(2);
  for (const id of ids) await ask(id);
  await eventually(() => expect(begun(one)).toHaveLength(2));
  expect(await queue.getJobCounts('active', 'waiting')).toEqual({ active: 2, waiting: 2 });
  const two = await worker(2);
  await eventually(() => expect(begun(two)).toHaveLength(2));
  expect([...begun(one), ...begun(two)].sort()).toEqual([...ids].sort());
  for (const each of [one, two]) each.send('open');
  for (const id of ids)
    await eventually(async () => expect(await told(id)).toEqual(['user: hi', 'assistant: done']));
  await eventually(async () => expect(await queue.count()).toBe(0));
}, 60_000);

it('HF-RUN-16, HF-RUN-17, HF-RUN-19: the run of a worker that was killed is done by another one, once, in the place of what it wrote', async () => {
  const { queue, worker, ask, follow, entries, told } = await setUp();
  const id = session();
  const client = await follow(id);
  const one = await worker(1, 'abcdef');
  const { run } = await ask(id);
  await client.until(() => client.text(run) === 'ab');
  const others = [await worker(1, 'uvwxyz'), await worker(1, 'uvwxyz')];
  const late = await follow(id);
  one.child.kill('SIGKILL');
  await eventually(() => expect(others.flatMap(begun)).toEqual([id]));
  // BullMQ misses the dead one as well, and gives its job to the worker that is free.
  await again(queue, { v: 1, session: id, run, attempt: 1, agent: 'agent' });
  for (const other of others) other.send('open');
  for (const each of [client, late])
    await each.until(() => each.projection.run(run)?.state === 'finished');

  expect(others.flatMap(begun)).toEqual([id]);
  expect([one, ...others].flatMap((each) => each.told.filter((said) => 'charged' in said))).toEqual(
    [{ charged: id }],
  );
  const all = await entries(id);
  const starts = all.filter(({ k }) => k === 'run-start');
  expect(starts).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
  expect(all.filter(({ k }) => k === 'run-end')).toMatchObject([{ run, outcome: 'finished' }]);
  expect(await told(id)).toEqual(['user: hi', 'assistant: uvwxyz']);
  const history = await (await follow(id)).messages();
  for (const each of [client, late]) {
    expect(each.breaks).toEqual([]);
    expect(await each.messages()).toEqual(history);
  }
}, 60_000);

it('HF-RUN-19: a run for an agent that no worker has is tried again, and then fails with the reason', async () => {
  const agents = ['agent', 'ghost'];
  const { queue, worker, ask, told, runs } = await setUp({
    agents,
    job: { attempts: 2, backoff: 10 },
  });
  const id = session();
  const one = await worker(1);
  const { run } = await ask(id, { to: 'ghost' });
  await eventually(async () =>
    expect(await runs(id)).toMatchObject([{ run, state: 'failed', reason: 'not_found' }]),
  );
  expect(one.told.filter(({ error }) => error)).toMatchObject([
    { error: 'not_found', says: expect.stringContaining('"ghost"') },
    { error: 'not_found' },
  ]);
  expect(begun(one)).toEqual([]);
  expect(await told(id)).toEqual(['user: hi']);
  expect(await queue.count()).toBe(0);
}, 60_000);

it('HF-RUN-19: a worker that closes ends the run that it has and takes no other', async () => {
  const { queue, worker, ask, told, runs } = await setUp();
  const [first, second] = [session(), session()];
  const one = await worker(1);
  await ask(first);
  await one.tells('began');
  one.send('close');
  await ask(second);
  one.send('open');
  await one.tells('closed');
  expect(await told(first)).toEqual(['user: hi', 'assistant: done']);
  expect(begun(one)).toEqual([first]);
  expect(await queue.getJobCounts('active', 'waiting')).toEqual({ active: 0, waiting: 1 });
  expect(await runs(second)).toMatchObject([{ state: 'running' }]);
  const two = await worker(1);
  two.send('open');
  await eventually(async () => expect(await told(second)).toEqual(['user: hi', 'assistant: done']));
}, 60_000);

/** A queue whose jobs are of a version that is to come. */
const later = (queue: Queue<Job>): Dispatch => ({
  add: async (job) => {
    const options = { jobId: jobId(job), attempts: 2, backoff: 10 };
    await queue.add(job.agent, { ...job, v: 2 }, options);
  },
});

it('HF-RUN-19: a job of a later version is refused, with words that say what to do, and its run fails', async () => {
  const { worker, ask, told, runs } = await setUp({}, later);
  const id = session();
  const one = await worker(1);
  const { run } = await ask(id);
  await eventually(async () =>
    expect(await runs(id)).toMatchObject([{ run, state: 'failed', reason: 'bad_request' }]),
  );
  const says = expect.stringMatching(/of version 2, and this worker knows 1; update the worker/);
  const refused = { error: 'bad_request', says };
  expect(one.told.filter(({ error }) => error)).toEqual([refused, refused]);
  expect(begun(one)).toEqual([]);
  expect(await told(id)).toEqual(['user: hi']);
}, 60_000);

it('HF-RUN-19: a job that comes twice, while its run is under way and behind its end, is done once', async () => {
  const { queue, worker, ask, entries, told } = await setUp();
  const id = session();
  const workers = [await worker(2), await worker(2)];
  const { run } = await ask(id);
  const job: Job = { v: 1, session: id, run, attempt: 1, agent: 'agent' };
  await eventually(() => expect(workers.flatMap(begun)).toEqual([id]));
  await again(queue, job);
  for (const each of workers) each.send('open');
  await eventually(async () => expect(await told(id)).toEqual(['user: hi', 'assistant: done']));
  await again(queue, job);
  expect(workers.flatMap(begun)).toEqual([id]);
  expect(workers.flatMap((each) => each.told.filter(({ error }) => error))).toEqual([]);
  const all = await entries(id);
  expect(all.filter(({ k }) => k === 'run-end')).toHaveLength(1);
  expect(all.filter(({ k }) => k === 'run-start')).toHaveLength(1);
}, 60_000);

it('HF-RUN-19: a job that failed and is kept for the operator is done when it is added again', async () => {
  const connection = inject('redisUrl');
  const prefix = `{${uniquePrefix()}}`;
  const dispatch = bullmqDispatch({
    connection,
    prefix,
    job: { attempts: 1, removeOnFail: false },
  });
  onTestFinished(() => dispatch.close?.());
  const tries: number[] = [];
  const worker = new Worker<Job>(
    'holdfast',
    async ({ attemptsMade }) => {
      tries.push(attemptsMade);
      if (tries.length === 1) throw new Error('the log is away');
    },
    { connection: { url: connection }, prefix },
  );
  onTestFinished(() => worker.close());
  const failed = once(worker, 'failed');
  const completed = once(worker, 'completed');
  const job: Job = { v: 1, session: session(), run: 'r1', attempt: 1, agent: 'agent' };
  await dispatch.add(job);
  await failed;
  await dispatch.add(job);
  await completed;
  expect(tries).toEqual([0, 0]);
});
