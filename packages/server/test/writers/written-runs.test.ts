import { expect, it } from 'vitest';
import { RunTail, type Written } from '../../src/runs/tail.ts';
import { WrittenRuns } from '../../src/runs/written-runs.ts';

const mega = 1_048_576;
const entry = (seq: number): Written => ({
  seq,
  entry: { nonce: seq, body: 'x'.repeat(mega) },
});
const tail = () => new RunTail(async () => ({ kind: 'duplicate', cancelled: false }), mega);

it('HF-WRT-7: what was written last of a run stays, also where many requests at once were the first of theirs', () => {
  const runs = new WrittenRuns();
  const record = { messageId: 'm' };
  const begin = (run: string) => {
    const named = { run, agent: 'planner' };
    runs.note('s', named, record);
    return { ...named, attempt: 1 };
  };
  const kept = begin('kept');
  runs.wrote('s', kept, entry(1), tail);
  for (let at = 0; at < 40; at++) {
    const named = begin(`r${at}`);
    runs.wrote('s', named, entry(1), tail);
    // The second of two that both found nothing of the run.
    runs.note('s', named, record);
    runs.ended('s', named);
  }
  runs.wrote('s', begin('last'), entry(1), tail);
  expect(runs.ended('s', kept)?.lastSeq).toBe(1);
});
