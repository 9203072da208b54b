import type { Message, RunInfo } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import { describe, expect, it } from 'vitest';
import { takeAnswers } from '../../src/commands/answer.ts';
import { claimCall } from '../../src/commands/claim.ts';
import { seedSession } from '../../src/commands/seed.ts';
import { outcomeOf, steerable, steerRun } from '../../src/commands/steer.ts';
import { beginRun, patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { note, session, unavailable } from '../support/writing.ts';

const participant = { id: 'u' };

describe('HF-RUN-21: a message that is sent to a run', () => {
  it('is for the newest, or for the one that is named', async () => {
    const { core, inner } = patient();
    for (const run of ['a', 'b']) await beginRun(inner, { run });
    const steer = (id: string, run?: string) =>
      steerRun(core, session, { message: userMessage(id, id) as Message, run }, participant);
    expect(await steer('one')).toEqual({ run: 'b', state: 'waiting' });
    expect(await steer('two', 'a')).toEqual({ run: 'a', state: 'waiting' });
    expect(await steer('three', 'nobody')).toEqual({ state: 'ended' });
    // Asked again, it is told where it went.
    expect(await steer('two')).toEqual({ run: 'a', state: 'waiting' });
    const outcomes = core.hubs.use(session, async (hub) => [
      await outcomeOf(core, hub, 'one'),
      await outcomeOf(core, hub, 'two'),
      await outcomeOf(core, hub, 'three'),
    ]);
    expect(await outcomes).toEqual([
      { run: 'b', state: 'waiting' },
      { run: 'a', state: 'waiting' },
      { state: 'unconsumed' },
    ]);
  });

  it('is found in the message where it stands, when its run is not known any more', async () => {
    const { core } = patient();
    const parts = [
      { type: 'data-place', id: 'place', data: 'Oslo' },
      { type: 'data-steering', id: 'steer', data: { parts: [] } },
    ];
    const spoken = { id: 'a', role: 'assistant', parts };
    await seedSession(core, session, [userMessage('u', 'u') as Message, spoken], {});
    const outcome = (id: string) => core.hubs.use(session, (hub) => outcomeOf(core, hub, id));
    expect(await outcome('steer')).toEqual({ state: 'consumed' });
    expect(await outcome('place')).toEqual({ state: 'unconsumed' });
    expect(await outcome('other')).toEqual({ state: 'unconsumed' });
  });

  it.each([
    [0, 0],
    [300, 500],
  ])('is looked for from the end on, also %i messages from there', async (behind, most) => {
    const { core, read } = counting();
    const id = 'a "steer" of Jürgen\n';
    const steered = { type: 'data-steering', id, data: { parts: [] } };
    const answer = { id: 'a', role: 'assistant', parts: [steered] };
    await seedSession(core, session, [...many('o', 1_000), answer, ...many('n', behind)], {});
    const outcome = (of: string) => core.hubs.use(session, (hub) => outcomeOf(core, hub, of));
    expect(await outcome(id)).toEqual({ state: 'consumed' });
    expect(read()).toBeLessThanOrEqual(most);
    expect(await outcome('other')).toEqual({ state: 'unconsumed' });
  });

  it.each(['o5', 'o999', 'waits'])(
    'is known for one that no run took, without a look at what there was, when it is asked in its turn: %s',
    async (id) => {
      const { core, inner, read } = counting();
      await seedSession(core, session, many('o', 1_000), {});
      const add = { id: 'q', messages: [said('waits')], at: 0 };
      const body = JSON.stringify({ k: 'queue', order: ['q'], add, at: 0 });
      await inner.send(session, { command: 'q', entries: [{ nonce: 1, body }] });
      const outcome = core.hubs.use(session, (hub) => outcomeOf(core, hub, id));
      expect(await outcome).toEqual({ state: 'unconsumed' });
      expect(read()).toBe(0);
    },
  );
});

const said = (id: string) => userMessage(id, id) as Message;
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => said(`${name}${at}`));

/** A process that counts the stored messages that it reads. */
function counting() {
  let read = 0;
  const made = patient((log) => ({
    items: async (...of) => {
      const found = await log.items(...of);
      read += found?.items.length ?? 0;
      return found;
    },
  }));
  return { ...made, read: () => read };
}

const waitingFor = (run: string, count: number, state = 'waiting') =>
  ({ run, steers: Array.from({ length: count }, (_, at) => ({ id: `${at}`, state })) }) as never;
const idle = { run: 'idle' } as RunInfo;

it.each([
  ['idle', [idle]],
  ['b', [idle, waitingFor('b', 19)]],
  ['idle', [idle, waitingFor('b', 20)]],
  ['b', [idle, waitingFor('b', 40, 'consumed')]],
  [undefined, [waitingFor('a', 20), waitingFor('b', 20)]],
])('HF-HTTP-24: %s is the newest run that takes another message', (run, liveRuns) => {
  expect(steerable({ liveRuns } as unknown as SessionProjection)).toBe(run);
});

it('HF-HTTP-32: a call is claimed for as long as the limits say, and given up for no time', async () => {
  const { core, inner } = patient(() => ({}), { clientTools: ['t'] });
  await beginRun(inner, { run: 'r' });
  const claim = (holder: string, release = false) =>
    claimCall(core, session, { messageId: 'm-r', toolCallId: 'c', holder, release }, participant);
  expect(await claim('a')).toEqual({ state: 'held', leaseMs: core.limits.claimMs });
  expect(await claim('b')).toMatchObject({ state: 'taken' });
  expect(await claim('a', true)).toEqual({ state: 'held', leaseMs: 0 });
  expect(await claim('b')).toMatchObject({ state: 'held' });
});

it('HF-HTTP-32: where too many calls are claimed another one is refused', async () => {
  const { core, inner } = patient(() => ({ claim: async () => ({ kind: 'full' }) }), {
    clientTools: ['t'],
  });
  await beginRun(inner, { run: 'r' });
  const claimed = { messageId: 'm-r', toolCallId: 'c', holder: 'a', release: false };
  await expect(claimCall(core, session, claimed, participant)).rejects.toMatchObject({
    code: 'limit',
  });
});

const output = (value: string) => ({
  ...{ type: 'tool-output-available', toolCallId: 'c', output: value },
});

it.each(['steered', 'answered'])(
  'HF-LOG-44: what was %s is told again when it is durable, and not before',
  async (what) => {
    let hasReplica = false;
    const { core, inner } = patient(
      (log) => ({
        durability: { replicas: 1 },
        send: async (id, command) => {
          const outcome = await log.send(id, command);
          if (!hasReplica) throw unavailable();
          return outcome;
        },
      }),
      { clientTools: ['t'] },
    );
    await beginRun(inner, { run: 'r' });
    const given = { messageId: 'm-r', answers: [output('Oslo')] };
    const act = (): Promise<object> =>
      what === 'steered'
        ? steerRun(core, session, { message: said('one') }, participant)
        : takeAnswers(core, session, given, participant);
    for (let at = 0; at < 2; at++)
      await expect(act()).rejects.toMatchObject({ code: 'unavailable' });
    hasReplica = true;
    expect(await act()).toEqual(
      what === 'steered' ? { run: 'r', state: 'waiting' } : { answers: [output('Oslo')] },
    );
  },
);

it('HF-HTTP-29: answers are written under a name of their own, and given again they are told as they stand', async () => {
  const commands: string[] = [];
  const { core, inner } = patient(
    (log) => ({
      send: (id, command) => {
        commands.push(command.command);
        return log.send(id, command);
      },
    }),
    { clientTools: ['t'] },
  );
  await beginRun(inner, { run: 'r' });
  const give = (value: string) =>
    takeAnswers(core, session, { messageId: 'm-r', answers: [output(value)] }, participant);
  for (const value of ['Oslo', 'Rome'])
    expect(await give(value)).toEqual({ answers: [output('Oslo')] });
  expect(commands).toEqual([expect.stringMatching(/answer [\w-]{22}$/)]);
});

it('HF-HTTP-29: where somebody else has answered in between, the answers are told as those stand', async () => {
  let isFirst = true;
  const { core, inner } = patient(
    (log) => ({
      send: async (id, command) => {
        const entries = command.entries.map(({ nonce, body }) => ({
          ...{ nonce: nonce + 1, body: body.replace('Oslo', 'Rome') },
        }));
        if (isFirst) await log.send(id, { ...command, entries });
        isFirst = false;
        return await log.send(id, command);
      },
    }),
    { clientTools: ['t'] },
  );
  await beginRun(inner, { run: 'r' });
  const given = { messageId: 'm-r', answers: [output('Oslo')] };
  expect(await takeAnswers(core, session, given, participant)).toEqual({
    answers: [output('Rome')],
  });
});

it('HF-HTTP-29, HF-ENT-4: a call that another attempt makes again under its id is answered anew', async () => {
  const { core, inner } = patient(() => ({}), { clientTools: ['t'] });
  await beginRun(inner, { run: 'r' });
  const give = (value: string) =>
    takeAnswers(core, session, { messageId: 'm-r', answers: [output(value)] }, participant);
  expect(await give('Oslo')).toEqual({ answers: [output('Oslo')] });
  const of = { run: 'r', attempt: 2 };
  const start = { k: 'run-start', ...of, agent: 'a', messageId: 'm-r', command: 'c-r', at: 0 };
  await inner.append(session, { ...of, seq: 0, entry: note(1, start) });
  const call = { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} };
  const chunks = { k: 'chunks', ...of, c: [{ type: 'start' }, call] };
  await inner.append(session, { ...of, seq: 1, entry: note(2, chunks) });
  expect(await give('Rome')).toEqual({ answers: [output('Rome')] });
  expect(await give('Bonn')).toEqual({ answers: [output('Rome')] });
});
