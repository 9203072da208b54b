import { origin } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { Agent, HoldfastOptions } from '../../src/index.ts';
import { beginRun as beginHere, carryOut } from '../../src/runs/execute.ts';
import { collect } from '../support/collector.ts';
import { answer } from '../support/gated-agent.ts';
import { beginRun, patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

/** A process, and the execution of a run that the log has. */
async function having(agent: Agent | undefined, options: HoldfastOptions = {}) {
  const { core, inner } = patient(() => ({}), { limits: { lingerMs: 0 }, ...options });
  await beginRun(inner, { run: 'r', isSilent: true });
  const execution = {
    ...{ session, run: 'r', attempt: 2, messageId: 'm-r', agentName: 'a', agent },
    ...{ participant: { id: 'u' }, request: null, through: origin },
    trigger: 'submit-message' as const,
    messages: async () => ({ messages: () => [], special: [], authorOf: () => undefined }),
    restart: async () => false,
  };
  return { core, inner, execution };
}

it('a process knows of a run while it executes it, and holds nothing of it afterwards', async () => {
  let held: unknown;
  const agent: Agent = () => {
    held = [core.runs.size, core.hubs.size];
    return (async function* () {
      yield* answer('Hello');
    })();
  };
  const { core, inner, execution } = await having(agent);
  const done = carryOut(core, { ...execution, attempt: 1 });
  expect(core.runs.size).toBe(1);
  expect(await done).toBe('finished');
  expect(held).toEqual([1, 1]);
  await vi.waitFor(() => expect([core.runs.size, core.hubs.size]).toEqual([0, 0]));
  expect((await inner.head(session))?.runs).toEqual([]);
});

it('a run without an agent is refused at once, and not renewed any more', async () => {
  const { core, execution } = await having(undefined);
  const { attempts } = core;
  attempts.hold({ ...core, session, run: 'r', attempt: 1 });
  await expect(beginHere(core, { ...execution, attempt: 1 })).rejects.toThrow(/agent/);
  expect(attempts.size).toBe(0);
});

it('a run for a worker is handed to the queue, and none of it is done here', async () => {
  const added: unknown[] = [];
  const dispatch = { add: async (job: unknown) => void added.push(job) };
  const agent: Agent = () => {
    throw new Error('not here');
  };
  const { core, execution } = await having(agent, { dispatch });
  expect(await beginHere(core, execution)).toBeNull();
  expect(added).toEqual([expect.objectContaining({ session, run: 'r', attempt: 2, agent: 'a' })]);
  expect(core.runs.size).toBe(0);
});

it('HF-TEL-2: the span of a run that another process takes over says so', async () => {
  const collector = collect();
  const { core, inner, execution } = await having(async function* () {
    await inner.renew(session, { run: 'r', attempt: 3, leaseMs: 600_000 });
    yield* answer('Hello');
  });
  expect(await carryOut(core, execution)).toBeNull();
  expect(collector.spans('holdfast.run').map(({ attributes }) => attributes)).toMatchObject([
    { 'holdfast.outcome': 'superseded', 'error.type': 'superseded' },
  ]);
});
