import type { Entry } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { AwaitedPrompts } from '../../src/session/awaited-prompts.ts';
import type { Prompt } from '../../src/session/prompt.ts';

const starts = (run: string, attempt = 1): Entry =>
  ({ k: 'run-start', run, attempt, agent: 'a', messageId: 'M' }) as Entry;
const prompt = (name: string): Prompt => ({ name }) as unknown as Prompt;

it('a prompt is taken down at the first start of a run that is awaited, and at no other entry', () => {
  const awaited = new AwaitedPrompts();
  awaited.await('r1');
  const end = { k: 'run-end', run: 'r1', attempt: 1, outcome: 'finished' } as Entry;
  const entries = [starts('r1'), starts('r1', 2), starts('r2'), end];
  expect(entries.map((entry) => awaited.begins(entry))).toEqual([true, false, false, false]);
  awaited.drop('r1');
  expect(awaited.begins(starts('r1'))).toBe(false);
});

it('what was taken down is there for its run, until it is dropped or forgotten', async () => {
  const awaited = new AwaitedPrompts();
  for (const run of ['r1', 'r2']) {
    awaited.await(run);
    expect(awaited.take(run)).toBeNull();
    await awaited.note(starts(run), async () => prompt(run));
  }
  expect([awaited.take('r1'), awaited.take('r2')]).toEqual([prompt('r1'), prompt('r2')]);
  awaited.drop('r1');
  expect([awaited.take('r1'), awaited.take('r2')]).toEqual([null, prompt('r2')]);
  awaited.forget();
  expect(awaited.take('r2')).toBeNull();
  // It is awaited still: its run begins anew.
  expect(awaited.begins(starts('r2'))).toBe(true);
});

it('one that cannot be read is looked for later, and fails nobody', async () => {
  const awaited = new AwaitedPrompts();
  awaited.await('r1');
  await awaited.note(starts('r1'), () => Promise.reject(new Error('the log is away')));
  expect(awaited.take('r1')).toBeNull();
});
