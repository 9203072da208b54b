import type { Side } from '../sides.ts';
import { median } from '../stats.ts';
import type { RowId, Samples } from './rows.ts';

/** A cost of one side, by itself or divided by another cost of the same repetition: less is better. */
interface GateRow {
  readonly name: string;
  readonly of: readonly [RowId, Side];
  readonly to?: readonly [RowId, Side];
  /** The share of itself by which it may differ in any case. @default 0.25 */
  readonly least?: number;
  /** How much more it may be besides. @default 0 */
  readonly slack?: number;
}

const bothStores = ['holdfast-redis', 'holdfast-memory'] as const;

/**
 * What is compared is bound to the processor and to counts. What a clock on the wall says on a machine
 * that others use as well would fail for their work.
 */
const gateRows: readonly GateRow[] = [
  ...bothStores.flatMap((side): GateRow[] => [
    against(side, 'cpu-per-chunk', 'sse'),
    against(side, 'fanout-1000-cpu', 'ws'),
    within(side, 'runs-500-cpu', 'runs-10-cpu'),
    counted(side, 'resume-100k-bytes', 'final-text-100k-bytes'),
    counted(side, 'join-2000-bytes', 'join-20-bytes'),
  ]),
  // The few reads of a storm are looks at 200 sessions, several at a time: 5 to 145 in runs of one commit. A read for
  // each session, or for each socket, is far beyond.
  { name: 'holdfast-redis: storm-reads', of: ['storm-reads', 'holdfast-redis'], slack: 145 },
];

function against(side: Side, id: RowId, other: Side): GateRow {
  return { name: `${id}: ${side} / ${other}`, of: [id, side], to: [id, other] };
}

/** Of bytes, which are the same in every run, up to how they fall into frames. */
function counted(side: Side, id: RowId, other: RowId): GateRow {
  return { ...within(side, id, other), least: 0.05 };
}

function within(side: Side, id: RowId, other: RowId): GateRow {
  return { name: `${side}: ${id} / ${other}`, of: [id, side], to: [other, side] };
}

/** The medians of a run, by the names of the rows: what is committed. */
export type Ratios = Readonly<Record<string, number>>;

export interface Verdict {
  readonly name: string;
  /** The median of this run. */
  readonly ratio: number;
  /** What was committed; null where the row is new. */
  readonly committed: number | null;
  /** The share of itself by which the ratio wavered in this run. */
  readonly noise: number;
  readonly holds: boolean;
}

/** By so much two runs of one commit differ on a quiet machine already, and two machines of one kind. */
const leastNoise = 0.25;

const three = (value: number): number => Number(value.toPrecision(3));

/**
 * Says of each row whether it lost more than the noise that was measured: whether even its best
 * repetition lies above what was committed by more than this run wavered, and than the row may differ.
 */
export function gateOf(samples: Samples, committed: Ratios): readonly Verdict[] {
  return gateRows.flatMap(({ name, of, to, least = leastNoise, slack = 0 }) => {
    const theirs = to && samples.of(...to);
    const ratios = samples
      .of(...of)
      .map((value, at) => (theirs ? value / (theirs[at] ?? Number.NaN) : value))
      .filter(Number.isFinite);
    if (ratios.length === 0) return [];
    const ratio = median(ratios);
    const best = Math.min(...ratios);
    const noise = Math.max(least, (Math.max(...ratios) - best) / ratio);
    const limit = committed[name] ?? null;
    const holds = limit === null || best <= limit * (1 + noise) + slack;
    return { name, ratio: three(ratio), committed: limit, noise: three(noise), holds };
  });
}

export const ratiosOf = (verdicts: readonly Verdict[]): Ratios =>
  Object.fromEntries(verdicts.map(({ name, ratio }) => [name, ratio]));

/** Rows that are committed and were not measured, and the other way round. */
export function strayRows(verdicts: readonly Verdict[], committed: Ratios): readonly string[] {
  const measured = verdicts.map(({ name }) => name);
  return [
    ...Object.keys(committed).filter((name) => !measured.includes(name)),
    ...measured.filter((name) => committed[name] === undefined),
  ];
}
