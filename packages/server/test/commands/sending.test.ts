import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { executeLater, send } from '../../src/commands/send/send.ts';
import type { Sender } from '../../src/commands/send/sender.ts';
import type { Core } from '../../src/core.ts';
import type { Agent } from '../../src/index.ts';
import { attempting } from '../support/attempting.ts';
import { collect } from '../support/collector.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { note, run, session } from '../support/writing.ts';

const hello: Agent = () =>
  (async function* () {
    yield* answer('Hello');
  })();

const asked = (id: string): SendRequest => ({
  ...{ id: session, command: id, trigger: 'submit-message', message: userMessage(id, id) },
});

const say = (core: Core, request: SendRequest, more: Partial<Sender> = {}) =>
  send(core, request, {
    ...{ participant: { id: 'u' }, agentName: 'a', agentOf: () => hello },
    ...more,
  });

const ofOne = { limits: { participantRuns: 1 } };

it('HF-QUOTA-1: a run that has ended makes room for the next one', async () => {
  const { core } = patient(() => ({}), ofOne);
  const { agent, end } = gatedAgent();
  for (const id of ['one', 'two']) {
    const { done } = await say(core, asked(id), { agentOf: () => agent });
    // Until then there is none.
    await expect(say(core, asked(`${id} more`))).rejects.toMatchObject({ code: 'limit' });
    end();
    await done;
  }
});

it('HF-QUOTA-1: so does one that a worker is to do, or of which no worker could be told', async () => {
  for (const add of [async () => {}, () => Promise.reject(new Error('away'))]) {
    const { core } = patient(() => ({}), { ...ofOne, dispatch: { add } });
    const outcomes = [];
    for (const id of ['one', 'two'])
      outcomes.push(
        await say(core, asked(id)).then(
          ({ done }) => done,
          (error: HoldfastError) => error.code,
        ),
      );
    expect(new Set(outcomes).size).toBe(1);
    expect(outcomes).not.toContain('limit');
  }
});

it('a send that asks for more than the log can do writes nothing', async () => {
  const { core, inner } = patient();
  const asking = say(core, asked('one'), { durability: 'fsync' });
  await expect(asking).rejects.toMatchObject({ code: 'internal' });
  expect(await inner.head(session)).toBeNull();
});

it('HF-RUN-22: a send that is queued when the run in front of it has just ended begins at once', async () => {
  const of = { run, attempt: 1 };
  const end = { k: 'run-end', ...of, outcome: 'finished', messageId: 'm', at: 0 };
  // No time passes, so that nobody looks around.
  const { core, hub } = await attempting({}, (log) => ({
    send: async (id, command) => {
      const entry = note(9, end);
      await log.append(id, { ...of, seq: 1, entry, end: { outcome: 'finished' } });
      return await log.send(id, command);
    },
  }));
  await hub.project(({ liveRuns }) => expect(liveRuns).toHaveLength(1));
  const { agent, calls } = gatedAgent();
  core.scheduler.register('a', agent);
  const { response } = await say(core, { ...asked('one'), whileBusy: 'queue' });
  expect(response).toMatchObject({ state: 'queued' });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
});

it('HF-TEL-2: what became of sends is counted', async () => {
  const collector = collect();
  const acceptMessage = () => {
    throw new Error('no database');
  };
  const { core } = patient(() => ({}), ofOne);
  const failing = patient(() => ({}), { acceptMessage }).core;
  const { agent, end } = gatedAgent();
  const { done } = await say(core, asked('one'), { agentOf: () => agent });
  await say(core, asked('one'));
  await expect(say(core, asked('two'))).rejects.toThrow();
  await expect(say(failing, asked('three'))).rejects.toThrow();
  await say(core, { ...asked('four'), wake: false });
  for (const outcome of ['accepted', 'duplicate', 'limit', 'internal', 'posted'])
    expect([outcome, await collector.value('holdfast.sends', { outcome })]).toEqual([outcome, 1]);
  const spans = collector.spans('holdfast.send').map(({ attributes }) => attributes);
  expect(spans).toMatchObject([
    { 'holdfast.outcome': 'accepted', 'holdfast.run': expect.any(String) },
    { 'holdfast.outcome': 'duplicate', 'holdfast.run': expect.any(String) },
    {},
    {},
    { 'holdfast.outcome': 'posted' },
  ]);
  end();
  await done;
});

it('HF-RUN-10: a process waits for what it has yet to learn of, and no longer', async () => {
  const errors: unknown[] = [];
  const { core } = patient(() => ({}), { onError: (error) => errors.push(error) });
  const fault = new HoldfastError('unavailable', 'away');
  for (const known of [async () => null, () => Promise.reject(fault)]) {
    executeLater(core, session, known);
    expect(core.runs.size).toBe(1);
    await vi.waitFor(() => expect(core.runs.size).toBe(0));
  }
  expect(errors).toMatchObject([{ code: 'unavailable', message: 'away' }]);
});
