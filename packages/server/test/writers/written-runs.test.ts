import { expect, it } from 'vitest';
import { RunTail, type Written } from '../../src/runs/tail.ts';
import { WrittenRuns } from '../../src/runs/written-runs.ts';
import { manualTime } from '../support/manual-time.ts';

const mega = 1_048_576;
const entry = (seq: number): Written => ({
  seq,
  entry: { nonce: seq, body: 'x'.repeat(mega) },
});
const tail = () => new RunTail(async () => ({ kind: 'duplicate', cancelled: false }), mega);

it('HF-WRT-7: what was written last of a run stays, also where many requests at once were the first of theirs', () => {
  const runs = new WrittenRuns(manualTime().environment);
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

it('HF-WRT-7: what was written last of a run is forgotten with its session, and where its writer has gone elsewhere', () => {
  const time = manualTime();
  const runs = new WrittenRuns(time.environment);
  const write = (session: string, run: string, agent = 'planner') => {
    const named = { run, agent };
    runs.note(session, named, { messageId: 'm' });
    runs.wrote(session, { ...named, attempt: 1 }, entry(1), tail);
    return () => runs.ended(session, named)?.lastSeq;
  };
  const gone = [write('s', 'r1'), write('s', 'r2', 'other')];
  const stays = write('s,"r1"', 'r1');
  runs.forget('s');
  expect(gone.map((seq) => seq())).toEqual([undefined, undefined]);
  expect(stays()).toBe(1);
  const silent = write('t', 'silent');
  const [heard, asked] = [write('t', 'heard'), { run: 'heard', agent: 'planner' }];
  time.pass(299_999);
  expect(runs.recordOf('t', asked)).toEqual({ messageId: 'm' });
  time.pass(1);
  expect([silent(), runs.recordOf('t', asked)]).toEqual([undefined, { messageId: 'm' }]);
  time.pass(300_000);
  expect([heard(), time.timers]).toEqual([undefined, 0]);
});
