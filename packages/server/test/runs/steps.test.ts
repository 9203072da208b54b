import type { SendOutcome } from '@holdfast/log';
import type { StepEntry } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { createSteps } from '../../src/runs/steps.ts';
import { entriesIn } from '../support/entries-in.ts';
import { beginRun, endRun, patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

/** A live run, and the steps of its attempts. */
async function running(options: HoldfastOptions = {}, outcome?: SendOutcome) {
  const { core, inner } = patient(
    (log) => ({ send: (...asked) => (outcome ? Promise.resolve(outcome) : log.send(...asked)) }),
    options,
  );
  await beginRun(inner, { run: 'r' });
  const { hub } = await core.hubs.acquire(session);
  const stepsOf = (attempt = 1) => createSteps(core, hub, 'r', attempt);
  const kept = async () =>
    (await entriesIn(inner, session)).filter((entry): entry is StepEntry => entry.k === 'step');
  return { inner, hub, stepsOf, kept };
}

const text = (length: number) => () => 'x'.repeat(length);

/** Bytes of the entry of a step with such a result. */
async function bytesOf(length: number): Promise<number> {
  const { stepsOf, kept } = await running();
  await stepsOf().step('a', text(length));
  return Buffer.byteLength(JSON.stringify((await kept())[0]));
}

it('HF-RUN-17: a step is done once, also for who asks meanwhile, and gives nothing as null', async () => {
  const { stepsOf, kept } = await running();
  const { step } = stepsOf();
  const act = vi.fn(async () => undefined);
  const both = await Promise.all([step('a', act), step('a', act)]);
  expect([both, act.mock.calls.length]).toEqual([[null, null], 1]);
  expect(await stepsOf().step('a', text(1))).toBeNull();
  expect(await kept()).toMatchObject([{ run: 'r', name: 'a', result: null }]);
});

it('HF-RUN-17: one that fails may be done again', async () => {
  const { step } = (await running()).stepsOf();
  const failing = () => Promise.reject(new Error('no'));
  await expect(step('a', failing)).rejects.toThrow('no');
  expect(await step('a', text(1))).toBe('x');
});

it('HF-RUN-17: of two at once the first in the log counts', async () => {
  const { stepsOf, kept } = await running();
  const [one, two] = [stepsOf(), stepsOf()];
  const second = two.step('a', () => one.step('a', () => 1).then(() => 2));
  expect(await second).toBe(1);
  expect(await kept()).toHaveLength(1);
});

it('HF-RUN-17: a step has a quarter of an entry, and those of live runs two entries, to the byte', async () => {
  const entryBytes = 4 * (await bytesOf(200));
  const { stepsOf, kept } = await running({ limits: { entryBytes } });
  const { step } = stepsOf();
  await expect(step('a', text(201))).rejects.toMatchObject({ code: 'too_large' });
  for (const name of 'abcdefgh') expect(await step(name, text(200))).toHaveLength(200);
  await expect(step('i', text(0))).rejects.toMatchObject({ code: 'too_large' });
  expect(await kept()).toHaveLength(8);
});

it('HF-RUN-17: an attempt does nothing when its run is another’s or over', async () => {
  const { inner, stepsOf } = await running();
  const act = vi.fn();
  const lost = { code: 'conflict', reason: 'lost' };
  await expect(stepsOf(0).step('a', act)).rejects.toMatchObject(lost);
  await endRun(inner, 'r');
  await expect(stepsOf().step('a', act)).rejects.toMatchObject(lost);
  expect(act).not.toHaveBeenCalled();
});

it.each([
  ['full', 'full'],
  ['ended', 'conflict'],
] as const)('HF-RUN-17: what is refused as %s is told as %s', async (why, code) => {
  const { stepsOf } = await running({}, { kind: 'refused', why });
  await expect(stepsOf().step('a', text(1))).rejects.toMatchObject({ code });
});

it('HF-RUN-17: an attempt that is over writes none of its steps again', async () => {
  const { hub, stepsOf } = await running();
  const [listen, unlisten] = [vi.spyOn(hub, 'listen'), vi.spyOn(hub, 'unlisten')];
  const { step, stop } = stepsOf();
  for (const name of ['a', 'b']) await step(name, text(1));
  expect(listen).toHaveBeenCalledTimes(1);
  expect(unlisten).not.toHaveBeenCalled();
  stop();
  expect(unlisten).toHaveBeenCalledTimes(1);
});

it('HF-RUN-17: a step that is done when its attempt is over leaves nothing at the session', async () => {
  const { hub, stepsOf } = await running();
  const listen = vi.spyOn(hub, 'listen');
  const { step, stop } = stepsOf();
  const late = () => {
    stop();
    return 1;
  };
  expect(await step('a', late)).toBe(1);
  expect(listen).not.toHaveBeenCalled();
});

it.each(['full', 'ended'] as const)(
  'HF-RUN-17: nor does one that is refused as %s',
  async (why) => {
    const { hub, stepsOf } = await running({}, { kind: 'refused', why });
    const listen = vi.spyOn(hub, 'listen');
    await expect(stepsOf().step('a', text(1))).rejects.toThrow();
    expect(listen).not.toHaveBeenCalled();
  },
);
