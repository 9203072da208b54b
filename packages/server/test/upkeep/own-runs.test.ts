import { createMemoryLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

it('HF-RUN-13: a process does not end as lost what it writes itself, however long its renewals fail', async () => {
  const log = createMemoryLog();
  let isAway = false;
  let looks = 0;
  const unsteady = changed(log, {
    renew: async (session, lease) => {
      if (isAway) throw new HoldfastError('unavailable', 'unable to renew: the log is away');
      return await log.renew(session, lease);
    },
    head: async (session) => {
      const head = await log.head(session);
      if (head?.runs.some(({ leased }) => !leased)) looks++;
      return head;
    },
  });
  const { agent, ...gate } = gatedAgent();
  const server = await startOwnServer({
    log: unsteady,
    agent,
    limits: { leaseMs: 60, graceMs: 1, pollMs: 10 },
  });
  const id = `s-${crypto.randomUUID()}`;
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  await client.next('live');
  const { run } = await server.send({ id, message: userMessage('m', 'hi') });
  gate.emit(...answer('Hello').slice(0, 4));
  await client.entry('chunks');
  isAway = true;
  // It has lapsed, and was looked at often enough to be suspected and ended.
  await vi.waitFor(() => expect(looks).toBeGreaterThan(10), { timeout: 20_000 });
  isAway = false;
  gate.emit(...answer('Hello').slice(4));
  gate.end();
  expect((await client.entry('run-end')).d).toMatchObject({ run, outcome: 'finished' });
});
