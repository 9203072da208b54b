import { inspect } from 'node:util';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Queue } from 'bullmq';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { bullmqDispatch, bullmqWorker } from '../../src/bullmq/index.ts';
import { createHoldfast } from '../../src/index.ts';
import { uniquePrefix } from '../support/logs.ts';

const job = { v: 1, session: 's1', run: 'r1', attempt: 1, agent: 'agent' } as const;

async function setUp() {
  const proxy = await FaultProxy.start({ port: Number(new URL(inject('redisUrl')).port) });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const errors: unknown[] = [];
  let tries = 0;
  const retryStrategy = () => {
    tries += 1;
    return 20;
  };
  const connection = {
    host: '127.0.0.1',
    port: proxy.port,
    maxRetriesPerRequest: null,
    retryStrategy,
  };
  /** Takes Redis away until it was missed that often. */
  const outage = async () => {
    await proxy.refuse();
    const before = tries;
    await vi.waitFor(() => expect(tries).toBeGreaterThan(before + 5), { timeout: 20_000 });
    await proxy.pass();
  };
  const place = {
    connection,
    prefix: `{${uniquePrefix()}}`,
    onError: (error: unknown) => void errors.push(error),
  };
  return { outage, place, errors };
}

it('the connection of a dispatcher is told of once per outage', async () => {
  const { outage, place, errors } = await setUp();
  const dispatch = bullmqDispatch(place);
  onTestFinished(() => dispatch.close?.());
  await dispatch.add(job);
  expect(errors).toEqual([]);
  for (const outages of [1, 2]) {
    await outage();
    // Behind this the connection stands again.
    await dispatch.add(job);
    expect(errors).toHaveLength(outages);
    expect(errors.at(-1)).toMatchObject({ code: expect.stringMatching(/^ECONN/) });
  }
});

it('the connection of a worker is told of once per outage', async () => {
  const { outage, place, errors } = await setUp();
  const holdfast = createHoldfast();
  const worker = bullmqWorker(holdfast, { ...place, agent: () => (async function* () {})() });
  onTestFinished(async () => {
    await worker.close();
    await holdfast.close();
  });
  const queue = new Queue('holdfast', {
    connection: { url: inject('redisUrl') },
    prefix: place.prefix,
  });
  onTestFinished(() => queue.close());
  await worker.ready();
  await outage();
  // Behind this both connections of the worker stand again.
  await queue.add('agent', job, { removeOnComplete: true });
  await vi.waitFor(async () => expect(await queue.count()).toBe(0), { timeout: 20_000 });
  expect(errors).toMatchObject([{ code: expect.stringMatching(/^ECONN/) }]);
});

it.each(['redis://user:secret-word@[bad', 'redis://user:secret-word@host:x', 'the secret-word'])(
  'S13: an address of BullMQ that is none is refused without telling it: %s',
  async (connection) => {
    const holdfast = createHoldfast();
    onTestFinished(() => holdfast.close());
    const agent = () => (async function* () {})();
    const makers = [
      async () => bullmqWorker(holdfast, { connection, agent }),
      async () => await bullmqDispatch({ connection }).add(job),
    ];
    for (const make of makers) {
      const error: unknown = await make().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'internal' });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret-word');
    }
  },
);
