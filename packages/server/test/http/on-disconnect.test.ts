import type { SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { stopAbandoned, stopsOnDisconnect } from '../../src/http/on-disconnect.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { turn } from '../support/background.ts';
import { beginRun, patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

const asking = (wish?: string) =>
  new Request('http://test/', {
    headers: wish === undefined ? {} : { 'holdfast-on-disconnect': wish },
  });

it('HF-HTTP-37: only who asks for it has a run stopped by leaving', () => {
  expect([undefined, 'stop', 'continue'].map((wish) => stopsOnDisconnect(asking(wish)))).toEqual([
    ...[false, true, false],
  ]);
  for (const wish of ['', 'Stop', 'stop, continue'])
    expect(() => stopsOnDisconnect(asking(wish))).toThrow(/must be stop or continue/);
});

/** Leaves a run, and tells what came of it. */
async function leaving(
  options: HoldfastOptions = {},
  cancel: (log: SessionLog) => Partial<SessionLog> = () => ({}),
  isClosing = false,
) {
  const errors: unknown[] = [];
  const { core, inner } = patient(cancel, { onError: (error) => errors.push(error), ...options });
  await beginRun(inner, { run: 'r' });
  if (isClosing) core.lifecycle.drain();
  await stopAbandoned(core, asking('stop'), session, 'r');
  const run = await inner.run(session, 'r');
  return { isStopped: run?.state === 'running' && run.cancelled, errors };
}

it('HF-HTTP-37: the run has been asked to stop, also where the log is away at first', async () => {
  let left = 2;
  const away = (log: SessionLog): Partial<SessionLog> => ({
    cancel: async (...asked) => {
      await turn();
      if (left-- > 0) throw new HoldfastError('unavailable', 'unable to reach the log: away');
      return await log.cancel(...asked);
    },
  });
  expect(await leaving({}, away)).toEqual({ isStopped: true, errors: [] });
});

it('HF-HTTP-37: who may not stop it has only left, and any other fault is reported', async () => {
  const may = (answer: 'no' | Error): HoldfastOptions => ({
    authorize: ({ action }) => {
      if (answer !== 'no') throw answer;
      return action === 'cancel' ? null : { id: 'u' };
    },
  });
  expect(await leaving(may('no'))).toEqual({ isStopped: false, errors: [] });
  const failed = await leaving(may(new Error('no database')));
  expect(failed).toMatchObject({ isStopped: false, errors: [{ code: 'internal' }] });
  const fault = new HoldfastError('internal', 'unable to cancel');
  const refusing = await leaving({}, () => ({ cancel: () => Promise.reject(fault) }));
  expect(refusing).toMatchObject({ isStopped: false, errors: [{ message: fault.message }] });
});

it('HF-HTTP-37: a process that closes leaves the run to others', async () => {
  expect(await leaving({}, () => ({}), true)).toEqual({ isStopped: false, errors: [] });
});
