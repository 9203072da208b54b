import { createMemoryLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';

const agent: Agent = () =>
  (async function* () {
    yield* answer('Hello.');
  })();

it('HF-RUN-13: many runs that begin at once in one session end, and none is lost, however long they wait for each other', async () => {
  const log = createMemoryLog();
  const limits = { leaseMs: 150, graceMs: 20, pollMs: 20 };
  await using server = await startServer({ log, limits });
  // A gateway of its own sees nothing but leases.
  await using gateway = await startServer({ log, limits });
  const client = await gateway.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  const session = server.holdfast.session('s1');
  const runs = Array.from({ length: 150 }, () => session.run({ agent: 'it' }, agent));
  const states = (await Promise.all(runs)).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['finished']));
}, 60_000);

it.each(['unavailable', 'internal'] as const)(
  'HF-RUN-14: a reminder that fails (%s) does not keep a run from being executed',
  async (code) => {
    const memory = createMemoryLog();
    const remind = vi.fn(async () => {
      throw new HoldfastError(code, 'unable to note: the shard is away');
    });
    const log = changed(memory, { remind });
    await using server = await startServer({ log, agent, onLost: 'retry', approvalMs: 60_000 });
    await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    await vi.waitFor(async () => {
      expect(remind).toHaveBeenCalled();
      expect((await memory.head('s1'))?.runs).toEqual([]);
    });
    const read = await memory.read('s1', { after: null, limit: 100 });
    expect(JSON.stringify(read)).toContain('finished');
  },
);

it('HF-RUN-14: a reminder that fails is set beside the run, once the log takes it', async () => {
  const memory = createMemoryLog();
  let left = 2;
  const log = changed(memory, {
    remind: async (topic, session) => {
      if (left-- > 0) throw new HoldfastError('unavailable', 'unable to note: away');
      return await memory.remind(topic, session, 0);
    },
  });
  await using server = await startServer({ log, agent, onLost: 'retry' });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await vi.waitFor(async () =>
    expect(await memory.due('runs', 1, 60_000)).toMatchObject([{ session: 's1' }]),
  );
});
