import { type Side, sides } from '../sides.ts';
import { median } from '../stats.ts';

/** Every row, in the order of the table, with its unit and the decimals that are worth showing. */
export const rows = [
  { id: 'ttfc', unit: 'ms', decimals: 2 },
  { id: 'send-to-run-p50', unit: 'ms', decimals: 2 },
  { id: 'latency-p50', unit: 'ms', decimals: 2 },
  { id: 'latency-p99', unit: 'ms', decimals: 2 },
  { id: 'latency-p999', unit: 'ms', decimals: 2 },
  { id: 'cpu-per-chunk', unit: 'µs', decimals: 1 },
  { id: 'latency-p50-fsync', unit: 'ms', decimals: 2 },
  { id: 'saturated', unit: 'chunks/s', decimals: 0 },
  { id: 'saturated-mixed', unit: 'chunks/s', decimals: 0 },
  { id: 'resume-100k-ms', unit: 'ms', decimals: 1 },
  { id: 'resume-100k-frames', unit: 'frames', decimals: 0 },
  { id: 'resume-100k-bytes', unit: 'bytes', decimals: 0 },
  { id: 'final-text-100k-bytes', unit: 'bytes', decimals: 0 },
  { id: 'resume-100mb-first-ms', unit: 'ms', decimals: 1 },
  { id: 'resume-100mb-bytes', unit: 'bytes', decimals: 0 },
  { id: 'resume-100mb-cpu', unit: 'ms/join', decimals: 1 },
  { id: 'resume-100mb-server', unit: 'MB', decimals: 1 },
  { id: 'resume-100mb-page', unit: 'MB', decimals: 1 },
  { id: 'final-text-100mb-bytes', unit: 'bytes', decimals: 0 },
  { id: 'join-20-ms', unit: 'ms', decimals: 2 },
  { id: 'join-20-bytes', unit: 'bytes', decimals: 0 },
  { id: 'join-2000-ms', unit: 'ms', decimals: 2 },
  { id: 'join-2000-bytes', unit: 'bytes', decimals: 0 },
  { id: 'send-20-ms', unit: 'ms', decimals: 2 },
  { id: 'send-20000-ms', unit: 'ms', decimals: 2 },
  { id: 'send-20-left-ms', unit: 'ms', decimals: 2 },
  { id: 'send-20000-left-ms', unit: 'ms', decimals: 2 },
  { id: 'fanout-1000', unit: 'frames/s', decimals: 0 },
  { id: 'fanout-1000-p50', unit: 'ms', decimals: 2 },
  { id: 'fanout-1000-p99', unit: 'ms', decimals: 2 },
  { id: 'fanout-1000-cpu', unit: 'µs/delivery', decimals: 2 },
  { id: 'second-tab-lag-p50', unit: 'ms', decimals: 2 },
  { id: 'stop-p50', unit: 'ms', decimals: 2 },
  { id: 'agents-1-latency-p50', unit: 'ms', decimals: 2 },
  { id: 'agents-10-latency-p50', unit: 'ms', decimals: 2 },
  { id: 'runs-10-cpu', unit: 'ms/run', decimals: 2 },
  { id: 'runs-500-cpu', unit: 'ms/run', decimals: 2 },
  { id: 'storm-reads', unit: 'reads', decimals: 0 },
  { id: 'storm-ms', unit: 'ms', decimals: 0 },
  { id: 'idle-commands-10k', unit: 'commands/s', decimals: 0 },
  { id: 'lost-after-ms', unit: 'ms', decimals: 0 },
  { id: 'redis-commands-per-chunk', unit: 'commands', decimals: 3 },
  { id: 'redis-bytes-per-chunk', unit: 'bytes', decimals: 0 },
  { id: 'idle-memory', unit: 'bytes/connection', decimals: 0 },
  { id: 'idle-memory-own', unit: 'bytes/connection', decimals: 0 },
] as const;

export type RowId = (typeof rows)[number]['id'];

/** With how many decimals the numbers of a row are shown. */
export const decimalsOf = (id: RowId): number => rows.find((row) => row.id === id)?.decimals ?? 2;

/** What only the budgets need. */
type CheckId = 'commands-per-batch' | 'batches-per-chunk' | 'fanout-frame-bytes';

export type AnyId = RowId | CheckId;

/** All values that were measured, by row and side. */
export class Samples {
  readonly #values = new Map<string, number[]>();

  add(id: AnyId, side: Side, ...values: readonly number[]): void {
    const key = `${id} ${side}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), ...values]);
  }

  of(id: AnyId, side: Side): readonly number[] {
    return this.#values.get(`${id} ${side}`) ?? [];
  }

  /** Null for a side that cannot do the row. */
  median(id: AnyId, side: Side): number | null {
    const values = this.of(id, side);
    return values.length === 0 ? null : median(values);
  }
}

type PerSide<Value> = { readonly [S in Side]: Value | null };

export interface ReportRow {
  readonly id: RowId;
  readonly unit: string;
  readonly sides: PerSide<number>;
  /** Smallest and largest. */
  readonly spread: PerSide<readonly [number, number]>;
}

const perSide = <Value>(read: (side: Side) => Value | null): PerSide<Value> =>
  Object.fromEntries(sides.map((side) => [side, read(side)])) as unknown as PerSide<Value>;

export const toReport = (samples: Samples): readonly ReportRow[] =>
  rows.map(({ id, unit }) => ({
    id,
    unit,
    sides: perSide((side) => samples.median(id, side)),
    spread: perSide((side) => {
      const values = samples.of(id, side);
      return values.length === 0 ? null : ([Math.min(...values), Math.max(...values)] as const);
    }),
  }));
