import type { AppendOutcome } from '@holdfast/log';
import { expect, it } from 'vitest';
import { RunTail, type Written } from '../../src/runs/tail.ts';
import { WrittenRuns } from '../../src/runs/written-runs.ts';
import { manualTime } from '../support/manual-time.ts';

const session = 's';
const named = (run: string, agent = 'planner') => ({ run, agent });
const record = (messageId: string) => ({ messageId });
const written = (seq: number, bytes = 10): Written => {
  return { seq, entry: { nonce: seq, body: 'x'.repeat(bytes) } };
};

function keeping() {
  const runs = new WrittenRuns(manualTime().environment);
  const sent: number[] = [];
  let begun = 0;
  const begin = () => {
    begun++;
    const append = async ({ seq }: Written): Promise<AppendOutcome> => {
      sent.push(seq);
      return { kind: 'appended', cancelled: false };
    };
    return new RunTail(append, 1_000_000_000);
  };
  const wrote = (run: string, each: Written, attempt = 1) =>
    runs.wrote(session, { ...named(run), attempt }, each, begin);
  /** The numbers of what is kept of a run, which has ended then. */
  const keptOf = async (run: string, from: number) => {
    await runs.ended(session, named(run))?.again(from);
    return sent.splice(0);
  };
  return { runs, wrote, keptOf, begun: () => begun };
}

it('HF-WRT-7: the record of a run is that of its session, its id and its agent, until it has ended', () => {
  const { runs } = keeping();
  runs.note(session, named('r1'), record('a1'));
  runs.note(session, named('r2'), record('a2'));
  expect(runs.recordOf(session, named('r1'))).toEqual(record('a1'));
  for (const [of, each] of [
    ['s2', named('r1')],
    [session, named('r3')],
    [session, named('r1', 'another')],
  ] as const)
    expect(runs.recordOf(of, each)).toBeUndefined();
  expect(runs.ended(session, named('r1'))).toBeNull();
  expect(runs.recordOf(session, named('r1'))).toBeUndefined();
  expect(runs.recordOf(session, named('r2'))).toEqual(record('a2'));
  expect(runs.ended(session, named('r1'))).toBeNull();
});

it('knows 1,000 runs, and of more the newest', () => {
  const { runs } = keeping();
  const names = Array.from({ length: 1_001 }, (_, at) => `r${at}`);
  const known = () => names.filter((run) => runs.recordOf(session, named(run))).length;
  for (const run of names.slice(0, 1_000)) runs.note(session, named(run), record(run));
  expect(known()).toBe(1_000);
  runs.note(session, named('r1000'), record('r1000'));
  expect(known()).toBe(1_000);
  expect(runs.recordOf(session, named('r0'))).toBeUndefined();
});

it('HF-WRT-7: what was written of an attempt is kept in one piece, a repetition once', async () => {
  const { runs, wrote, keptOf, begun } = keeping();
  runs.note(session, named('r1'), record('a1'));
  for (const seq of [1, 2, 2, 1, 3]) wrote('r1', written(seq));
  wrote('unknown', written(1));
  expect(begun()).toBe(1);
  expect(await keptOf('r1', 1)).toEqual([1, 2, 3]);
});

it.each<[string, number, number, readonly number[]]>([
  ['another process has taken one in between', 4, 1, [4]],
  ['another attempt has begun', 3, 2, [3]],
  ['another attempt has begun, which says as much', 2, 2, [2]],
])('HF-WRT-7: it begins anew where %s', async (_, seq, attempt, kept) => {
  const { runs, wrote, keptOf } = keeping();
  runs.note(session, named('r1'), record('a1'));
  for (const each of [1, 2]) wrote('r1', written(each));
  wrote('r1', written(seq), attempt);
  expect(await keptOf('r1', 1)).toEqual([]);
  runs.note(session, named('r1'), record('a1'));
  for (const each of [1, 2]) wrote('r1', written(each));
  wrote('r1', written(seq), attempt);
  expect(await keptOf('r1', seq)).toEqual(kept);
});

it('keeps 32 MiB of all runs, the oldest goes first, and what has ended makes room', async () => {
  const half = 16_777_216;
  const { runs, wrote, keptOf } = keeping();
  const note = (run: string) => runs.note(session, named(run), record(run));
  for (const run of ['r1', 'r2', 'r3']) note(run);
  wrote('r1', written(1, half));
  wrote('r2', written(1, half - 1));
  wrote('r3', written(1, 1));
  expect(await keptOf('r1', 1)).toEqual([1]);
  note('r4');
  wrote('r4', written(1, half));
  wrote('r4', written(2, 1));
  expect(await keptOf('r2', 1)).toEqual([]);
  expect(await keptOf('r3', 1)).toEqual([1]);
  expect(await keptOf('r4', 1)).toEqual([1, 2]);
  // Its own are kept, however large.
  note('r5');
  wrote('r5', written(1, 2 * half));
  wrote('r5', written(2, 1));
  expect(await keptOf('r5', 1)).toEqual([1, 2]);
  note('r6');
  note('r7');
  wrote('r6', written(1, half));
  wrote('r7', written(1, half));
  expect(await keptOf('r6', 1)).toEqual([1]);
});
