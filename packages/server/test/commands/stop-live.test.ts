import type { SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { cancelCutOff, cancelRun } from '../../src/commands/cancel-run.ts';
import { disconnect } from '../../src/commands/disconnect.ts';
import { enqueue } from '../../src/commands/send/enqueue.ts';
import { stopLive } from '../../src/commands/stop-live.ts';
import { turn } from '../support/background.ts';
import { beginRun, patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { session } from '../support/writing.ts';

const participant = { id: 'u' };

/** Three runs, each in a message of its own; the log takes its time, and tells what was to be stopped. */
async function three(options: { readonly cancel?: SessionLog['cancel'] } = {}) {
  const asked: Parameters<SessionLog['cancel']>[1]['target'][] = [];
  const { core, inner } = patient((log) => ({
    cancel: async (id, command) => {
      asked.push(command.target);
      await turn();
      return await (options.cancel ?? log.cancel.bind(log))(id, command);
    },
    append: async (id, command) => {
      await turn();
      return await log.append(id, command);
    },
    send: async (id, command) => {
      await turn();
      return await log.send(id, command);
    },
  }));
  for (const run of ['a', 'b', 'c']) await beginRun(inner, { run });
  const stopped = async () => {
    const { runs = [] } = (await inner.head(session)) ?? {};
    return runs.filter(({ cancelled }) => cancelled).map(({ run }) => run);
  };
  return { core, inner, asked, stopped };
}

it.each([
  [undefined, ['a', 'b', 'c']],
  ['m-a', ['a', 'b', 'c']],
  ['m-b', ['b', 'c']],
  ['m-c', ['c']],
])('HF-HTTP-37: behind %s the runs %j are stopped, and nothing else', async (shown, runs) => {
  const { core, asked, stopped } = await three();
  expect(await stopLive(core, session, shown, participant)).toEqual({ state: 'stopping' });
  expect(await stopped()).toEqual(runs);
  expect(asked).toEqual(runs.map((run) => ({ run })));
});

it('HF-HTTP-37: behind a message that has not come its send is stopped, and no run', async () => {
  const { core, asked, stopped } = await three();
  const stopping = stopLive(core, session, 'on its way', participant);
  expect(await stopping).toEqual({ state: 'stopping' });
  expect([asked, await stopped()]).toEqual([[{ command: 'on its way' }], []]);
});

it('HF-HTTP-37: where nothing is live nothing is stopped, or the send of the message', async () => {
  const { core } = patient();
  const stopping = stopLive(core, session, undefined, participant);
  expect(await stopping).toEqual({ state: 'finished' });
});

it('HF-HTTP-37: runs that are gone meanwhile are over, and another fault is told', async () => {
  const { core } = await three({ cancel: async () => ({ state: 'missing' }) });
  const stopping = stopLive(core, session, undefined, participant);
  expect(await stopping).toEqual({ state: 'finished' });
  for (const fault of [new HoldfastError('unavailable', 'away'), new Error('forbidden')]) {
    const failing = await three({ cancel: () => Promise.reject(fault) });
    await expect(stopLive(failing.core, session, undefined, participant)).rejects.toBe(fault);
  }
});

it('HF-RUN-24: a stop is answered when the runs that work on behalf of that one are stopped too, and no others', async () => {
  const { core, inner, stopped } = await three();
  await beginRun(inner, { run: 'child', parent: 'b' });
  await beginRun(inner, { run: 'grandchild', parent: 'child' });
  const stopping = cancelRun(core, session, { run: 'b' }, participant);
  expect(await stopping).toEqual({ state: 'stopping' });
  expect(await stopped()).toEqual(['b', 'child', 'grandchild']);
});

it('HF-RUN-24: where a run is cut off, those that work on behalf of it are stopped too, also where they began behind the cut', async () => {
  const { core, inner, stopped } = await three();
  await beginRun(inner, { run: 'child', parent: 'b' });
  await beginRun(inner, { run: 'grandchild', parent: 'child' });
  await cancelCutOff(core, session, ['b']);
  expect(await stopped()).toEqual(['b', 'child', 'grandchild']);
});

it('HF-FRM-4: a run that nobody has taken has ended when its stop is answered', async () => {
  const { core, inner } = await three();
  await beginRun(inner, { run: 'waits', by: 'worker' });
  await cancelRun(core, session, { run: 'waits' }, participant);
  expect(await inner.run(session, 'waits')).toMatchObject({ state: 'stopped' });
  await cancelRun(core, session, { run: 'a' }, participant);
  expect(await inner.run(session, 'a')).toMatchObject({ state: 'running', cancelled: true });
});

it('HF-FRM-4: cancels that find no place are refused, and one of a run that is not there', async () => {
  for (const [state, code] of [
    ['full', 'limit'],
    ['missing', 'forbidden'],
  ] as const) {
    const { core } = await three({ cancel: async () => ({ state }) });
    await expect(cancelRun(core, session, { run: 'a' }, participant)).rejects.toMatchObject({
      code,
    });
  }
});

/** The ids of the sends that wait, of two people. */
async function queued() {
  const { core } = await three();
  const send = async (command: string, id: string) => {
    const body = {
      id: session,
      command,
      trigger: 'submit-message' as const,
      message: userMessage(command, command),
    };
    const sender = { participant: { id } };
    const context = { agent: 'a', ...sender };
    const waiting = { body, queueing: 'queue', context, sender } as const;
    await core.hubs.use(session, (hub) => enqueue(core, hub, waiting));
  };
  for (const [command, id] of [
    ['one', 'u'],
    ['two', 'v'],
    ['three', 'u'],
  ] as const)
    await send(command, id);
  const waiting = () =>
    core.hubs.use(session, (hub) => hub.project(({ queue }) => queue.map(({ id }) => id)));
  return { core, waiting };
}

it('HF-FRM-4: a send is out of the queue when its stop is answered, and another’s stays', async () => {
  const { core, waiting } = await queued();
  const stopping = cancelRun(core, session, { command: 'two' }, participant);
  expect(await stopping).toEqual({ state: 'stopping' });
  expect(await waiting()).toEqual(['one', 'three']);
});

it('HF-AUTH-3: who is put out of a session has no send waiting there, and others have', async () => {
  const { core, waiting } = await queued();
  await disconnect(core, { participant: 'v' });
  await disconnect(core, { session });
  await disconnect(core, { participant: 'w', session });
  expect(await waiting()).toEqual(['one', 'two', 'three']);
  await disconnect(core, { participant: 'v', session });
  expect(await waiting()).toEqual(['one', 'three']);
  await disconnect(core, { participant: 'u', session });
  expect(await waiting()).toEqual([]);
});
