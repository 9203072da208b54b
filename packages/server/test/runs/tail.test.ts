import type { AppendOutcome } from '@holdfast/log';
import { expect, it } from 'vitest';
import { RunTail, type Written } from '../../src/runs/tail.ts';

function tailOf(mostBytes: number) {
  const sent: Written[] = [];
  const append = async (written: Written): Promise<AppendOutcome> => {
    sent.push(written);
    return { kind: 'appended', cancelled: false };
  };
  return { tail: new RunTail(append, mostBytes), sent };
}
const written = (seq: number, body: string): Written => ({ seq, entry: { nonce: seq + 7, body } });

it('HF-LOG-2: what is sent again is what was written, to the last character', async () => {
  const { tail, sent } = tailOf(1_000_000);
  const bodies = ['a', 'ü€𝄞"\\', 'x'.repeat(20_000), '', 'é'.repeat(900), 'z'];
  const all = bodies.map((body, at) => written(at + 1, body));
  const end = { ...written(7, 'end'), end: { outcome: 'finished' } } as const;
  for (const each of [...all, end]) tail.push(each);
  expect(await tail.again(2)).toBe('sent');
  expect(sent).toEqual([...all.slice(1), end]);
  expect(tail.last).toEqual(end);
});

it('holds so many bytes, and the last entry in any case', async () => {
  const { tail, sent } = tailOf(100);
  for (let seq = 1; seq <= 10; seq++) tail.push(written(seq, 'é'.repeat(15)));
  expect(tail.bytes).toBe(90);
  expect(await tail.again(7)).toBe('refused');
  expect(await tail.again(8)).toBe('sent');
  expect(sent.map(({ seq }) => seq)).toEqual([8, 9, 10]);
  tail.push(written(11, 'x'.repeat(500)));
  expect(tail.bytes).toBe(500);
  expect(tail.last?.seq).toBe(11);
});

it('holds so many bytes to the last one', () => {
  const { tail } = tailOf(90);
  expect([tail.bytes, tail.last]).toEqual([0, undefined]);
  for (let seq = 1; seq <= 4; seq++) tail.push(written(seq, 'x'.repeat(30)));
  expect(tail.bytes).toBe(90);
});

/** A tail of three entries, to which the log gives these answers, and of one thereafter. */
async function answered(
  what: (tail: RunTail) => Promise<unknown>,
  ...answers: readonly AppendOutcome[]
) {
  const left = [...answers];
  const sent: number[] = [];
  const tail = new RunTail(async ({ seq }) => {
    sent.push(seq);
    return left.shift() ?? appended;
  }, 90);
  for (let seq = 1; seq <= 4; seq++) tail.push(written(seq, 'x'.repeat(30)));
  return [await what(tail), sent];
}
const appended: AppendOutcome = { kind: 'appended', cancelled: false };
const duplicate: AppendOutcome = { kind: 'duplicate', cancelled: false };
const gap = (expected: number): AppendOutcome => ({ kind: 'gap', expected });
const other = (kind: 'fenced' | 'unknown'): AppendOutcome => ({ kind });

it.each<[string, readonly AppendOutcome[], string, readonly number[]]>([
  ['taken', [appended, appended], 'sent', [3, 4]],
  ['there already', [duplicate, duplicate], 'sent', [3, 4]],
  ['lost once more', [gap(2)], 'lost', [3]],
  ['of a run that is lost', [appended, other('unknown')], 'lost', [3, 4]],
  ['of a run that is another’s', [other('fenced')], 'refused', [3]],
])('HF-LOG-4: what is sent again is %s', async (_, answers, outcome, sent) => {
  expect(await answered((tail) => tail.again(3), ...answers)).toEqual([outcome, sent]);
});

it.each<[string, readonly AppendOutcome[], boolean, readonly number[]]>([
  ['all of it', [duplicate], false, [4]],
  ['all but the last entry', [appended], true, [4]],
  ['not the last three', [gap(2)], true, [4, 2, 3, 4]],
  ['less than is held', [gap(1)], false, [4]],
  ['not the last two, and then less', [gap(3), gap(2)], false, [4, 3]],
  ['nothing any more', [other('unknown')], false, [4]],
])('HF-LOG-4: of a run that has ended the log has %s', async (_, answers, isMended, sent) => {
  expect(await answered((tail) => tail.mend(), ...answers)).toEqual([isMended, sent]);
});

it('nothing is mended of a run of which nothing was written', async () => {
  const { tail, sent } = tailOf(90);
  expect([await tail.mend(), await tail.again(1), sent]).toEqual([false, 'refused', []]);
});
