import { describe, expect, it } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { leave, lookingProcess, lookMs, queue, session } from '../support/looking.ts';

const silent = () => (async function* () {})();
const dispatch = { add: async () => {} };

describe('HF-RUN-22: a look around', () => {
  it.each<[asked: string, options: HoldfastOptions]>([
    ['queue', {}],
    ['queue', { onLost: 'fail' }],
    ['queue runs', { onLost: 'retry' }],
    ['queue runs', { onLost: () => 'fail' }],
    ['queue runs', { dispatch }],
    ['queue approvals', { approvalMs: 1_000 }],
    ['queue approvals', { approvalMs: 0 }],
    ['queue runs approvals', { onLost: 'retry', approvalMs: 1_000 }],
  ])('asks for %s, where an application wants no more', async (asked, options) => {
    const { core, calls, lookAround } = lookingProcess(options);
    core.scheduler.register('agent', silent);
    core.scheduler.register('another', silent);
    await lookAround();
    expect(calls.map(([name, topic]) => `${name} ${topic}`)).toEqual(
      asked.split(' ').map((topic) => `due ${topic}`),
    );
  });

  it('is every 5 s, from when there is an agent, until all is closed', async () => {
    const { core, calls, time, settled } = lookingProcess({});
    time.pass(2 * lookMs);
    core.scheduler.register('agent', silent);
    time.pass(lookMs - 1);
    expect(calls).toEqual([]);
    time.pass(1);
    await settled();
    expect(calls).toHaveLength(1);
    time.pass(lookMs);
    await settled();
    expect(calls).toHaveLength(2);
    await core.scheduler.close();
    time.pass(lookMs);
    await settled();
    expect(calls).toHaveLength(2);
  });

  it('takes a session for 10 s from others, and reminds of a queue in 10 s', async () => {
    const { core, inner, clock, lookAround } = lookingProcess({});
    core.scheduler.register('another', silent);
    const isDue = async () => (await inner.due('queue', 9, 0)).length > 0;
    await queue(inner);
    await lookAround();
    clock.now += 9_999;
    expect(await isDue()).toBe(false);
    clock.now += 1;
    expect(await isDue()).toBe(true);
    await core.scheduler.remind('s2');
    const dueAt = async () => (await inner.due('queue', 9, 0)).map((each) => each.session);
    clock.now += 9_999;
    expect(await dueAt()).toEqual([session]);
    clock.now += 1;
    expect(await dueAt()).toEqual([session, 's2']);
  });

  it('has the runs of a session looked after again when a lease is over, for as long as it has any', async () => {
    const { core, inner, clock, lookAround } = lookingProcess({ dispatch });
    core.scheduler.register('agent', silent);
    const isDue = async () => (await inner.due('runs', 9, 0)).length > 0;
    await leave(inner, { by: 'worker' });
    await lookAround();
    clock.now += core.limits.leaseMs - 1;
    expect(await isDue()).toBe(false);
    clock.now += 1;
    expect(await isDue()).toBe(true);
  });

  it('notes a session with a run for a worker before it has one', async () => {
    const added: unknown[] = [];
    const { core, inner, calls, clock, lookAround } = lookingProcess({
      dispatch: { add: async (job) => void added.push(job) },
    });
    core.scheduler.register('another', silent);
    await queue(inner);
    await lookAround();
    expect(added).toHaveLength(1);
    const names = calls.map(([name, topic]) => `${name} ${topic}`);
    expect(names.slice(0, 3)).toEqual(['due queue', 'remind runs', 'due runs']);
    clock.now += core.limits.leaseMs;
    expect(await inner.due('runs', 9, 0)).toMatchObject([{ session }]);
  });

  it('reports a job that its queue did not take', async () => {
    const add = async () => {
      throw new Error('the queue is away');
    };
    const { core, inner, errors, lookAround } = lookingProcess({ dispatch: { add } });
    core.scheduler.register('another', silent);
    await queue(inner);
    await lookAround();
    expect(errors).toMatchObject([{ code: 'unavailable' }]);
  });
});
