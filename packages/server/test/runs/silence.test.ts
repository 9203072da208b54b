import { expect, it, vi } from 'vitest';
import { watchSilence } from '../../src/runs/silence.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { manualTime } from '../support/manual-time.ts';
import { chunksOf, textOf, watch } from '../support/watched-run.ts';

it('tells once of an agent that says nothing for that long, and not of one that speaks', () => {
  const time = manualTime();
  const onSilent = vi.fn();
  const silence = watchSilence(time.environment, 100, onSilent);
  for (let at = 0; at < 5; at++) {
    silence.listen();
    time.pass(90);
    silence.heard();
  }
  // Others are waited for.
  time.pass(1_000);
  silence.listen();
  time.pass(99);
  expect(onSilent).not.toHaveBeenCalled();
  time.pass(100);
  time.pass(1_000);
  expect(onSilent).toHaveBeenCalledTimes(1);
  expect(time.timers).toBe(0);
});

it('leaves no timer behind, and has none where nobody asks for it', () => {
  const time = manualTime();
  const silence = watchSilence(time.environment, 100, () => {});
  expect(time.timers).toBe(1);
  silence.over();
  watchSilence(time.environment, null, () => {}).listen();
  expect(time.timers).toBe(0);
});

it('gives an agent its time anew where the process has stood still', () => {
  let now = 0;
  const timers: { readonly ms: number; readonly act: () => void }[] = [];
  const after = (ms: number, act: () => void) => {
    timers.push({ ms, act });
    return () => {};
  };
  const onSilent = vi.fn();
  watchSilence({ now: () => now, after }, 100, onSilent).listen();
  now = 60_000;
  timers.shift()?.act();
  expect(onSilent).not.toHaveBeenCalled();
  expect(timers.map(({ ms }) => ms)).toEqual([100]);
  now = 60_100;
  timers.shift()?.act();
  expect(onSilent).toHaveBeenCalledTimes(1);
});

it('never waits for longer than a timer can', () => {
  const waits: number[] = [];
  const after = (ms: number) => {
    waits.push(ms);
    return () => {};
  };
  watchSilence({ now: () => 0, after }, Number.POSITIVE_INFINITY, () => {});
  expect(waits).toEqual([86_400_000]);
});

it('HF-RUN-5: an agent that falls silent ends failed as stalled, with what it has said, and is aborted', async () => {
  const errors: unknown[] = [];
  await using watched = watch(undefined, { stallMs: 50, onError: (error) => errors.push(error) });
  const gated = gatedAgent();
  await watched.start(gated.agent);
  gated.emit(...answer('He').slice(0, 4));
  expect(await watched.ended()).toMatchObject({ outcome: 'failed', reason: 'stalled' });
  const entries = await watched.entries();
  expect(textOf(entries)).toBe('He');
  expect(chunksOf(entries).at(-1)).toEqual({
    type: 'error',
    errorText: 'The answer broke off, because nothing more came. Try again.',
  });
  await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true));
  expect(String(errors[0])).toMatch(/no chunk for `stallMs`/);
});

it('HF-RUN-5: so does one that never begins', async () => {
  await using watched = watch(undefined, { stallMs: 20 });
  await watched.start(() => new Promise(() => {}));
  expect(await watched.ended()).toMatchObject({ outcome: 'failed', reason: 'stalled' });
});
