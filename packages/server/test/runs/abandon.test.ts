import { expect, it } from 'vitest';
import { abandon } from '../../src/runs/abandon.ts';
import { beginRun, endRun, patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

const next = { run: 'r', attempt: 2, info: '{}' };

it('HF-RUN-12: a run that a process works on is not ended by another one', async () => {
  const { core, inner } = patient();
  await beginRun(inner, { run: 'r' });
  expect(await abandon(core, session, next, { outcome: 'lost' })).toBe(false);
  // It has kept its attempt, and ends as it would have.
  expect(await endRun(inner, 'r')).toMatchObject({ kind: 'appended' });
});

it('HF-RUN-12: a run that nobody works on is ended, once', async () => {
  const { core, inner } = patient();
  await beginRun(inner, { run: 'r', by: 'worker' });
  expect(await abandon(core, session, next, { outcome: 'lost' })).toBe(true);
  expect(await inner.run(session, 'r')).toMatchObject({ state: 'lost' });
  expect(await abandon(core, session, { ...next, attempt: 3 }, { outcome: 'failed' })).toBe(false);
});
