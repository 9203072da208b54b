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
